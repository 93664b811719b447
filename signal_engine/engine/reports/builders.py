"""The reports by name."""

from collections.abc import Callable, Mapping
from typing import Final

from signal_engine.engine.reports.misses.data_quality import DataQualityBuilder
from signal_engine.engine.reports.misses.decisions import DecisionsBuilder
from signal_engine.engine.reports.misses.high_intent import HighIntentBuilder
from signal_engine.engine.reports.misses.inbound import InboundBuilder
from signal_engine.engine.reports.misses.near_fits import NearFitsBuilder
from signal_engine.engine.reports.misses.not_in_accounts import NotInAccountsBuilder
from signal_engine.engine.reports.misses.pipeline_misfits import PipelineMisfitsBuilder
from signal_engine.engine.reports.misses.reporting import ReportBasis, ReportBuilder
from signal_engine.engine.reports.misses.undecided import UndecidedBuilder
from signal_engine.engine.reports.work.capacity import CapacityBuilder
from signal_engine.engine.reports.work.response import ResponseBuilder
from signal_engine.engine.reports.work.wiring import WiringBuilder
from signal_engine.wire.output.reports.reported_account import ReportName

BUILDERS: Final[Mapping[ReportName, Callable[[ReportBasis], ReportBuilder]]] = {
    "high-intent-outside-icp": HighIntentBuilder,
    "near-fits": NearFitsBuilder,
    "unknown": UndecidedBuilder,
    "not-in-accounts": NotInAccountsBuilder,
    "inbound": InboundBuilder,
    "decisions": DecisionsBuilder,
    "pipeline-misfits": PipelineMisfitsBuilder,
    "data-quality": DataQualityBuilder,
    "capacity": CapacityBuilder,
    "response": ResponseBuilder,
    "wiring": WiringBuilder,
}
"""What people read is made by the same builders, whether files or live state feed them."""
