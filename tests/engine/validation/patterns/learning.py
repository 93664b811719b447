"""What `icp patterns` says of planted buyers, in this process."""

from typing import Any

import orjson

from signal_engine.engine.validation.patterns.report import patterns
from signal_engine.simulation.planted.buyers import PlantedBuyers
from signal_engine.wire.instants import format_instant
from signal_engine.wire.outcomes.record import AccountOutcome, read_outcome
from signal_engine.wire.output.reports.pattern_documents import Patterns, PatternValue


def outcomes_of(rows: list[dict[str, Any]]) -> list[AccountOutcome]:
    """As the file has them."""
    read = [read_outcome(orjson.dumps({**row, "at": format_instant(row["at"])})) for row in rows]
    assert all(isinstance(one, AccountOutcome) for one in read)
    return read


def learnt(market: PlantedBuyers, **more: Any) -> Patterns:
    """The report on the market."""
    told = market.told()
    accounts = {row["account_id"]: row for row in told.accounts}
    return patterns(accounts, outcomes_of(told.outcomes), **more)


def values(report: Patterns) -> dict[tuple[str, str], PatternValue]:
    """(field, value) -> what is said of it."""
    return {(field["field"], one["value"]): one for field in report["fields"] for one in field["values"]}
