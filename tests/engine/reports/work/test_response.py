"""`report response`: how long alerts wait for a claim, and claims for the first touch."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC
from typing import Any

import pytest

from signal_engine.core.actions.action import AccountAction
from signal_engine.core.delivery.holdback import ControlGroup, Holdback
from signal_engine.core.delivery.team import Team, local_time
from signal_engine.core.rules.instants import DAY, HOUR
from signal_engine.wire.output.reports.report_shown import shown
from tests.core.delivery.scene import ANN, BO
from tests.engine.reports.misses.judged import FITTING, asked, did, happened, market, warm

TEAM = Team({"ann roe": ANN, "bo lind": BO})
MINUTE = 60


def rows(sdrs: dict[str, str | None], actions: Sequence[AccountAction], ago: float = 2) -> list[dict[str, Any]]:
    """The rows, after a hand raise `ago` days before at each account, called by these."""
    table = [{**FITTING, "account_id": name, "sdr": sdr} for name, sdr in sdrs.items()]
    found = replace(market(table, [asked(name, ago) for name in sdrs], actions=actions), team=TEAM)
    report: Any = found.report("response")
    assert report["total"] == len(report["rows"])
    return list(report["rows"])


def claimed(account: str, after_h: float, ago: float = 2, by: str = ANN.email) -> AccountAction:
    """So many hours after the hand raise."""
    return did(account, "claim", ago - after_h / 24, by=by, until=10**13)


def disposed(account: str, after_h: float, ago: float = 2) -> AccountAction:
    return did(account, "disposition", ago - after_h / 24, by=ANN.email, outcome="contacted")


def test_medians_are_by_person_and_type() -> None:
    found = rows(
        {"a.com": "Ann Roe", "b.com": "Ann Roe", "c.com": "Ann Roe", "d.com": "Bo Lind"},
        [
            *(claimed("a.com", 1), claimed("b.com", 2), claimed("c.com", 5)),
            *(disposed("a.com", 4), disposed("b.com", 3), disposed("c.com", 6)),
        ],
    )
    bo, ann = found
    assert (ann["person"], ann["type"], ann["alerts"], ann["claimed"], ann["touched"]) == (
        *("Ann Roe", "hand_raise"),
        *(3, 3, 3),
    )
    assert (ann["to_claim_s"], ann["to_touch_s"]) == (120 * MINUTE, 60 * MINUTE)
    assert (bo["person"], bo["alerts"], bo["claimed"], bo["to_claim_s"], bo["to_touch_s"]) == (
        "Bo Lind",
        1,
        0,
        None,
        None,
    )


def test_what_nobody_has_claimed_counts_as_longer_than_anything() -> None:
    """Else whoever answers one alert of ten would be the fastest of all."""
    sdrs: dict[str, str | None] = dict.fromkeys(("a.com", "b.com", "c.com"), "Ann Roe")
    (row,) = rows(sdrs, [claimed("a.com", 1)])
    assert (row["alerts"], row["claimed"], row["to_claim_s"]) == (3, 1, None)
    (row,) = rows(sdrs, [claimed("a.com", 1), claimed("b.com", 3)])
    assert (row["claimed"], row["to_claim_s"]) == (2, 180 * MINUTE)


@pytest.mark.parametrize(
    ("actions", "seen"),
    [
        ([claimed("a.com", -5)], None),  # claimed before: nobody had to respond
        ([claimed("a.com", 1, by=BO.email)], (1, 60 * MINUTE, 0)),  # anybody's claim is a response
        ([disposed("a.com", 1)], (0, None, 0)),  # a touch without a claim ends no claim
        ([claimed("a.com", 2), disposed("a.com", 1)], (1, 120 * MINUTE, 0)),  # before the claim it is none after it
    ],
)
def test_what_counts_as_a_response(actions: list[AccountAction], seen: tuple[int, int | None, int] | None) -> None:
    found = rows({"a.com": "Ann Roe"}, actions)
    assert [(row["claimed"], row["to_claim_s"], row["touched"]) for row in found] == ([] if seen is None else [seen])


def test_alerts_of_more_than_thirty_days_ago_are_no_part_of_it() -> None:
    assert rows({"a.com": "Ann Roe"}, [], ago=29)
    assert rows({"a.com": "Ann Roe"}, [], ago=31) == []


def test_other_alerts_have_rows_of_their_own_and_what_nobody_calls_is_nobodys() -> None:
    table = [{**FITTING, "account_id": "a.com"}]
    report: Any = market(table, [*warm("a.com"), asked("a.com", 0.5)]).report("response")
    assert {(row["person"], row["type"]) for row in report["rows"]} >= {(None, "hand_raise")}


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (59, "0 min"),
        (12 * MINUTE, "12 min"),
        (HOUR // 1000 * 3 + 20 * MINUTE, "3 h 20 min"),
        (DAY // 1000 * 2 + HOUR // 1000 * 4, "2 d 4 h"),
        (None, "not yet"),
    ],
)
def test_waits_are_told_in_words(seconds: int | None, words: str) -> None:
    assert shown("to_claim_s", {"to_claim_s": seconds}) == words


def test_alerts_of_which_nobody_was_told_wait_for_nobody() -> None:
    names = [f"b{number}.com" for number in range(6)]
    table = [{**FITTING, "account_id": name, "sdr": "Ann Roe"} for name in names]
    signals = [(*warm(name), happened(name, "funding", 1, amount_usd=6e7, round="series_c")) for name in names]
    its = replace(market(table, [one for some in signals for one in some]), team=TEAM)
    day = local_time(its.at - DAY, UTC).date()
    group = ControlGroup((Holdback(0.5, day, day, "response"),))
    held = [name for name in names if group.holds(name, its.at - DAY, pinned=False)]
    assert 0 < len(held) < len(names), "else this says nothing"
    alerts = its.watcher.alerts(its.at)
    assert alerts.keys() == {*names}, "each has one"
    assert its.watcher.alerts(its.at, group).keys() == {*names} - {*held}
    every: Any = its.report("response")
    told: Any = replace(its, group=group).report("response")
    assert sum(row["alerts"] for row in every["rows"]) - sum(row["alerts"] for row in told["rows"]) == sum(
        len(alerts[name]) for name in held
    )


def test_a_hand_raise_is_never_held_back() -> None:
    its = market([{**FITTING, "account_id": "a.com"}], [asked("a.com", 1)])
    day = local_time(its.at - DAY, UTC).date()
    group = ControlGroup(tuple(Holdback(0.5, day, day, str(number)) for number in range(20)))
    assert group.holds("a.com", its.at - DAY, pinned=False), "one of the draws has it"
    assert its.watcher.alerts(its.at, group) == its.watcher.alerts(its.at) != {}
