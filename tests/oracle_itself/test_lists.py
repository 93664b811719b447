"""The oracle's lists and who may be on them, by hand from scoring.md sections 5 to 7."""

from typing import Any

import pytest

from tests.oracle import replay
from tests.oracle.inputs.configuration import read_scoring
from tests.oracle.inputs.instants import from_datetime
from tests.oracle.inputs.lines import Event, read_line
from tests.oracle.pins import pinning
from tests.oracle.scores.points import signal_of
from tests.oracle_itself.inputs import ICP, PEOPLE, SIMPLE, acme, day, engagement, intent


def row(account_id: str, **columns: Any) -> dict[str, Any]:
    return {"account_id": account_id, **columns}


def names(lists: dict[str, Any], name: str = "all") -> list[str]:
    return [entry["account_id"] for entry in lists[name]]


def test_the_previous_rank_is_that_of_the_last_midnight() -> None:
    icps = [{**ICP, "must_have": {"account_id": "acme.com"}, "icp": "acme"}, ICP]
    lines = [intent("a", 0.5), intent("b", 1.5, account_id="quiet.com"), intent("c", 1.6, account_id="quiet.com")]
    lists = replay(lines, [row("acme.com"), row("quiet.com")], icps, SIMPLE, day(1.7))["lists"]
    ranks = [(one["account_id"], one["rank"], one["previous_rank"], one["icp"]) for one in lists["all"]]
    assert ranks == [("quiet.com", 1, None, "everyone"), ("acme.com", 2, 1, "acme")]
    assert (names(lists, "acme"), len(lists["everyone"])) == (["acme.com"], 2)


def test_the_level_comes_before_the_priority() -> None:
    """Acme went quiet with a higher score than Quiet, which is hot."""
    silent = {**SIMPLE["levels"]["hot"], "max_silence_days": 5}
    scoring = {**SIMPLE, "levels": {**SIMPLE["levels"], "hot": silent}}
    lines = [intent("a", 0), intent("b", 1), intent("c", 6, account_id="quiet.com", confidence=0.6)]
    quiet, loud = replay(lines, [row("acme.com"), row("quiet.com")], [ICP], scoring, day(6.5))["lists"]["all"]
    assert (quiet["account_id"], quiet["level"], loud["level"]) == ("quiet.com", "hot", "warm")
    assert loud["priority"] > quiet["priority"]


def test_nobody_below_the_least_level_or_the_least_score_is_listed() -> None:
    # 24 points score 23.8: cold, as warm begins at 30. What Quiet did is worth nothing: its 0 is not above 0.
    lines = [intent("a", 0, confidence=0.3), intent("b", 0, confidence=0, account_id="quiet.com")]
    accounts = [row("acme.com"), row("quiet.com")]

    def listed(**settings: Any) -> list[str]:
        return names(replay(lines, accounts, [ICP], {**SIMPLE, "lists": settings}, day(0))["lists"])

    assert listed() == []
    assert listed(min_level="cold") == ["acme.com"]
    assert listed(min_level="cold", min_score=24) == []


def raised(name: str, days: float) -> bytes:
    fields = {"account_id": f"{name}.com", "activity": "contact_sales", "persona": "cfo"}
    return engagement(f"{name}{days}", days, **fields)


def test_raised_hands_come_first_the_latest_first_and_fill_half_of_the_list_at_most() -> None:
    scoring = {**PEOPLE, "lists": {"size": 5}}
    warm = [engagement(f"w{n}", 2, account_id="warm.com", persona=f"p{n}") for n in range(3)]
    # One pin beyond the half takes its place among the others by its level: Ant is warm (20 + 8 + 8 points) and above
    # Warm (24 points) by priority, Bee, Cat and Dog are cold. One posting more than fits falls off the end.
    lines = [
        *warm,
        *(raised(name, days) for name, days in (("ant", 1), ("bee", 2), ("cat", 3), ("dog", 2.5))),
        engagement("x", 1, account_id="ant.com", persona="cto"),
        engagement("y", 1, account_id="ant.com", persona="coo"),
    ]
    accounts = [row(f"{name}.com") for name in ("ant", "bee", "cat", "dog", "warm")]
    entries = replay(lines, accounts, [ICP], scoring, day(4))["lists"]["all"]
    assert [(one["account_id"], one["pinned"], one["badge"], one["level"]) for one in entries] == [
        ("cat.com", True, "inbound", "cold"),
        ("dog.com", True, "inbound", "cold"),
        ("ant.com", False, "inbound", "warm"),
        ("warm.com", False, "warm", "warm"),
        ("bee.com", False, "inbound", "cold"),
    ]
    cut = replay(lines, accounts, [ICP], {**PEOPLE, "lists": {"size": 3}}, day(4))["lists"]
    assert names(cut) == ["cat.com", "ant.com", "warm.com"]


def test_a_pin_lasts_its_days_from_the_latest_hand_raised() -> None:
    lines = [raised("acme", 0), raised("acme", 3)]
    entry = acme(lines, PEOPLE, 16.99)
    assert (entry["pinned"], entry["hand_raised_at"], entry["why_now"]) == (True, day(3), "acme3")
    after = acme(lines, PEOPLE, 17)
    assert (after["pinned"], after["hand_raised_at"], after["badge"]) == (False, None, "warm")


@pytest.mark.parametrize(
    ("answered", "pins"),
    [
        (None, True),
        (4, True),  # answered before the last hand was heard of
        (5, True),  # at the same instant: not after it
        (5.5, False),
    ],
)
def test_an_answer_ends_a_pin_when_it_comes_after_the_hand_was_heard_of(answered: float | None, pins: bool) -> None:
    """Two hands, of day 3 and day 2, heard of on day 3 and day 5: h is day 3, and an answer has to come after day 5."""
    rules = read_scoring(PEOPLE)
    lines = [raised("acme", 3), engagement("late", 2, activity="contact_sales", received_at=day(5).isoformat())]
    events = [event for line in lines if isinstance(event := read_line(1, line, ()), Event)]
    signals = [signal for event in events if (signal := signal_of(event, rules)) is not None]
    at = None if answered is None else from_datetime(day(answered))
    pin = pinning(signals, at, from_datetime(day(6)), rules)
    assert (pin.event_id if pin else None) == ("acme3" if pins else None)


@pytest.mark.parametrize(
    ("ages", "result"),
    [
        ({"a": (80, 10), "b": (60, 1)}, "b"),  # 80 points have become 40 after ten days, 60 have become 56
        ({"a": (80, 5), "b": (50, 1)}, "a"),  # 56.6 against 46.7
        ({"a": (80, 20), "b": (8, 10)}, "b"),  # of the last 14 days there is only the weaker one
        ({"a": (80, 14), "b": (8, 13)}, "b"),  # exactly 14 days ago is not of the last 14 days
        ({"a": (80, 16), "b": (40, 14)}, "b"),  # none is: the newest
        ({"a": (40, 1), "b": (40, 1), "c": (80, 11)}, "a"),  # 80 points have become 37.3
    ],
)
def test_why_now_is_the_strongest_of_the_last_days_else_the_newest(
    ages: dict[str, tuple[int, float]], result: str
) -> None:
    lines = [intent(name, 20 - age, confidence=points / 80) for name, (points, age) in ages.items()]
    entry = acme(lines, {**SIMPLE, "lists": {"min_level": "cold"}}, 20)
    assert (entry["why_now"], entry["why_now_at"]) == (result, day(20 - ages[result][1]))


def test_a_signal_that_is_not_kept_is_never_the_reason() -> None:
    """Three stronger ones, all too old, and a newer one leave no place for the second newest."""
    old = [intent(f"old{n}", n) for n in range(3)]
    recent = [intent("second", 18, confidence=0.1), intent("newest", 19, confidence=0.05)]
    assert acme([*old, *recent], SIMPLE, 20)["why_now"] == "newest"


@pytest.mark.parametrize(
    ("columns", "listed", "alerted"),
    [
        ({}, True, ["hand_raise sdr"]),
        ({"relation": " Former_Customer "}, True, ["hand_raise sdr"]),
        ({"relation": "customer"}, False, ["hand_raise owner"]),
        ({"relation": "open_opportunity"}, False, ["hand_raise owner"]),
        ({"relation": "partner"}, False, ["inbound triage relation"]),
        ({"relation": "competitor"}, False, []),
        ({"relation": "own"}, False, []),
        ({"relation": "do_not_contact"}, False, []),
        ({"relation": "friend of the house"}, False, []),  # what we cannot read, we do not call
        ({"parent": "https://www.barred.com"}, False, []),
        ({"parent": "child-of-barred.com"}, False, []),
        ({"parent": "customer.com"}, True, ["hand_raise sdr"]),  # other relations of a parent are shown, no more
        ({"suppressed": "wahr"}, False, []),
        ({"size": "small"}, False, ["inbound triage not_fit"]),
        ({"size": ""}, False, ["inbound triage fit_unknown"]),
        ({"size": "small", "relation": "competitor"}, False, []),
    ],
)
def test_relation_and_fit_decide_who_is_listed_and_who_is_told(
    columns: dict[str, Any], listed: bool, alerted: list[str]
) -> None:
    accounts = [
        row("acme.com", **{"size": "large", **columns}),
        row("barred.com", relation="do_not_contact"),
        row("child-of-barred.com", parent="barred.com"),
        row("customer.com", relation="customer"),
    ]
    icp = {**ICP, "must_have": {"size": {"eq": "large"}}}
    result = replay([raised("acme", 0)], accounts, [icp], PEOPLE, day(1))
    given = [" ".join(filter(None, (one["type"], one["audience"], one["why_not"]))) for one in result["alerts"]]
    assert (names(result["lists"]), given) == (["acme.com"] if listed else [], alerted)


def test_a_stranger_s_hand_goes_to_triage_by_the_same_book() -> None:
    lines = [raised("stranger", 0), raised("stranger", 0.5), raised("stranger", 1)]
    result = replay(lines, [row("acme.com")], [ICP], PEOPLE, day(1))
    assert [(one["type"], one["why_now"], one["why_not"], one["episode"]) for one in result["alerts"]] == [
        ("inbound", "stranger0", "not_in_accounts", None), ("inbound", "stranger1", "not_in_accounts", None),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("rows", "name", "suppressed"),
    [
        ([{"name": "first"}, {"name": "last"}], "last", False),
        ([{"name": "first", "primary": "yes"}, {"name": "last", "primary": "no"}], "first", False),
        ([{"name": "first", "primary": "x"}, {"name": "second", "primary": "x"}, {"name": "last"}], "second", False),
        ([{"name": "first", "suppressed": "1"}, {"name": "last"}], None, True),
        ([{"name": "first", "relation": "do_not_contact"}, {"name": "last"}], None, True),
    ],
)
def test_of_several_rows_the_primary_or_the_last_counts_but_a_veto_of_any(
    rows: list[dict[str, Any]], name: str | None, suppressed: bool
) -> None:
    accounts = [
        row(f"{where}acme.com", **columns) for where, columns in zip(("", "www.", "https://"), rows, strict=False)
    ]
    entries = replay([intent("a", 0)], accounts, [ICP], SIMPLE, day(0))["lists"]["all"]
    assert [entry["name"] for entry in entries] == ([] if suppressed else [name])


def test_who_calls_is_the_owner_where_nobody_else_is_named() -> None:
    accounts = [
        row("acme.com", owner="dana@example.com"),
        row("quiet.com", owner="dana@example.com", sdr="kim@example.com"),
    ]
    lines = [intent("a", 0), intent("b", 0, account_id="quiet.com")]
    entries = replay(lines, accounts, [ICP], SIMPLE, day(0))["lists"]["all"]
    assert [entry["sdr"] for entry in entries] == ["dana@example.com", "kim@example.com"]
