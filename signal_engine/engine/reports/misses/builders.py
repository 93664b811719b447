"""The reports by name."""

from collections.abc import Callable, Mapping
from typing import Final

from signal_engine.engine.reports.misses.data_quality import data_quality
from signal_engine.engine.reports.misses.high_intent import high_intent_outside_icp
from signal_engine.engine.reports.misses.inbound import inbound
from signal_engine.engine.reports.misses.market import ReportMarket
from signal_engine.engine.reports.misses.near_fits import near_fits
from signal_engine.engine.reports.misses.not_in_accounts import not_in_accounts
from signal_engine.engine.reports.misses.undecided import unknown
from signal_engine.wire.output.reports.report_documents import Report, ReportName

BUILDERS: Final[Mapping[ReportName, Callable[[ReportMarket], Report]]] = {
    "high-intent-outside-icp": high_intent_outside_icp,
    "near-fits": near_fits,
    "unknown": unknown,
    "not-in-accounts": not_in_accounts,
    "inbound": inbound,
    "data-quality": data_quality,
}
