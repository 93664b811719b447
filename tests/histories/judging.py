"""The same histories, judged by the oracle or by the engine's replay: one verdict, so that one table tests both."""

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

from tests import oracle
from tests.replay.comparing import replayed, written

from .telling import DAY_0, ICPS, SCORING, History, write_files

RULES: dict[str, Any] = oracle.load_yaml(SCORING)
FITS: list[dict[str, Any]] = [oracle.load_yaml(path) for path in ICPS]


class Verdict(NamedTuple):
    """At one day: level and score of every account, the lists as replay prints them, and the alerts up to then.

    An alert is (account_id, type, days after day 0, audience).
    """

    standings: dict[str, tuple[str, float]]
    lists: dict[str, list[dict[str, Any]]]
    alerts: list[tuple[str, str, float, str]]


Judge = Callable[[Iterable[History], float, Path], Verdict]


def by_oracle(histories: Iterable[History], day: float, folder: Path) -> Verdict:
    """The second implementation, which prints every account."""
    events, accounts = write_files(folder, histories)
    lines, rows = oracle.load_lines(events), oracle.load_accounts(accounts)
    result = oracle.replay(lines, rows, FITS, RULES, DAY_0 + timedelta(days=day))
    standings = {name: (account["level"], account["score"]) for name, account in result["accounts"].items()}
    return Verdict(standings, result["lists"], [_alert(one) for one in result["alerts"]])


def by_engine(histories: Iterable[History], day: float, folder: Path) -> Verdict:
    """`replay --json`, twice: it prints who is listed, so the second time everybody is.

    Neither the fit nor the relation of an account nor the least level of a list changes a level or a score.
    """
    events, accounts = write_files(folder, histories)
    until = (DAY_0 + timedelta(days=day)).isoformat()
    lines = events.read_bytes().splitlines()
    result = replayed(written(folder, RULES, FITS, accounts), lines, folder, until)
    everybody = {name: {"listed": True} for name in ("prospect", "open_opportunity", "customer")}
    open_rules = {**RULES, "lists": {**RULES["lists"], "min_level": "cold"}, "relations": everybody}
    open_fit = {field: value for field, value in FITS[0].items() if field != "must_have"}
    laid_open = replayed(written(folder, open_rules, [open_fit], accounts), lines, folder, until)
    standings = {one["account_id"]: (one["level"], one["score"]) for one in laid_open["lists"]["all"]}
    return Verdict(standings, result["lists"], [_alert(one) for one in result["alerts"]])


def _alert(alert: dict[str, Any]) -> tuple[str, str, float, str]:
    at = datetime.fromisoformat(alert["at"]) if isinstance(alert["at"], str) else alert["at"]
    return (alert["account_id"], alert["type"], (at - DAY_0) / timedelta(days=1), alert["audience"])
