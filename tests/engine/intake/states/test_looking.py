"""Looks at state feeds: only changes are events, nothing is told twice whatever dies in between, and quiet at first."""

import json
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signal_engine.engine.intake.outcomes import EventLine
from signal_engine.engine.intake.states.looking import BrokenFeed, FeedChange, FeedLook, changes
from signal_engine.engine.intake.states.seen import Seen
from signal_engine.wire.events.models import field_validator
from signal_engine.wire.events.one_event import read_event
from signal_engine.wire.events.rejections import Refusal
from signal_engine.wire.instants import format_instant, parse_instant
from signal_engine.wire.intake.seen_records import seen_record

NOW = parse_instant("2026-11-28T12:00:00Z")
HOUR = 3_600_000
DAY = 24 * HOUR
FEED = "jobs"


def job(name: str, account: str = "acme.com", posted: int | None = None, kind: str = "hiring") -> EventLine:
    """A row that is there; `posted` is its own date."""
    own = {"title": f"Job {name}"} if kind == "hiring" else {"technology": name, "change": "adopted"}
    if kind == "intent":
        own = {"topic": name, "score": 80}
    at = NOW if posted is None else posted
    fields = {"kind": kind, "event_id": name, "account_id": account, "occurred_at": format_instant(at), **own}
    return EventLine(account, kind, name, at, json.dumps(fields).encode(), history=False, is_dated=posted is not None)


def look(
    *rows: EventLine, now: int = NOW, whole_of: Sequence[str] | None = None, is_whole: bool = True, alerts: bool = False
) -> FeedLook:
    return FeedLook(FEED, rows, whole_of, is_whole, now, alerts)


def told(change: FeedChange) -> list[tuple[str, str]]:
    """Id and end of each event."""
    events = [json.loads(event.value) for event in change.events]
    return [(one["event_id"], one.get("status") or one.get("change") or "") for one in events]


def looked(seen: Seen, one: FeedLook, *, insist: bool = True) -> FeedChange:
    """A look that goes well."""
    change = changes(one, seen, insist=insist)
    seen.take(change.records)
    return change


def test_a_baseline_is_no_news_but_for_rows_that_bring_their_own_date():
    seen = Seen()
    first = looked(seen, look(job("a"), job("b", posted=NOW - DAY), job("c", posted=NOW - 9 * DAY)))
    assert told(first) == [("b/1", ""), ("c/1", "")]
    assert [event.occurred_at for event in first.events] == [NOW - DAY, NOW - 9 * DAY]
    assert [event.history for event in first.events] == [False, True], "nobody is called for old jobs"
    assert (first.first, first.new, first.gone) == (3, 0, 0)
    again = looked(seen, look(job("a"), job("b", posted=NOW - DAY), job("c", posted=NOW - 9 * DAY), now=NOW + DAY))
    assert (again.events, again.records) == ((), ())


def test_a_look_with_refused_rows_is_no_baseline():
    """The row that is mended was there all the time."""
    seen = Seen()
    looked(seen, look(job("a"), is_whole=False))
    mended = looked(seen, look(job("a"), job("b"), now=NOW + DAY))
    assert (mended.first, mended.new, told(mended)) == (1, 0, [])
    assert looked(seen, look(job("a"), job("b"), job("c"), now=NOW + 2 * DAY)).new == 1


def test_history_of_a_baseline_rings_where_one_insists():
    first = changes(look(job("c", posted=NOW - 9 * DAY), alerts=True), Seen())
    assert [event.history for event in first.events] == [False]


def test_what_opens_closes_and_opens_again_is_told_at_once_each_time_under_its_own_id():
    seen, at = Seen(), NOW
    looked(seen, look(job("a")))
    seen_told = []
    for rows in ((job("a"), job("b")), (job("a"),), (job("a"), job("b")), (job("b"),), ()):
        at += DAY
        change = looked(seen, look(*rows, now=at))
        assert {event.occurred_at for event in change.events} <= {at}
        assert all(json.loads(event.value)["occurred_at"] == format_instant(at) for event in change.events)
        seen_told.append(told(change))
    assert seen_told == [
        [("b/1", "")],
        [("b/1/closed", "closed")],
        [("b/2", "")],
        [("a/1/closed", "closed")],
        [("b/2/closed", "closed")],
    ]


def test_a_date_of_its_own_counts_unless_the_row_has_been_gone_since():
    seen = Seen()
    looked(seen, look(job("a")))
    posted = NOW - 3 * HOUR
    new = looked(seen, look(job("a"), job("b", posted=posted), now=NOW + HOUR))
    assert [event.occurred_at for event in new.events] == [posted]
    looked(seen, look(job("a"), now=NOW + 2 * HOUR))
    back = looked(seen, look(job("a"), job("b", posted=posted), now=NOW + 3 * HOUR))
    assert [(event.event_id, event.occurred_at) for event in back.events] == [("b/2", NOW + 3 * HOUR)]


def test_technology_is_dropped_and_an_intent_ends_in_silence():
    seen = Seen()
    looked(seen, look(job("crm", kind="technographic"), job("topic", kind="intent"), job("x")))
    gone = looked(seen, look(job("x"), now=NOW + DAY))
    assert told(gone) == [("crm/1/dropped", "dropped")]
    assert gone.gone == 2
    back = looked(seen, look(job("x"), job("topic", kind="intent"), now=NOW + 2 * DAY))
    assert told(back) == [("topic/2", "")]


def test_every_event_is_one_that_the_engine_takes():
    seen = Seen()
    looked(seen, look(job("a"), job("crm", kind="technographic"), job("z" * 200)))
    change = looked(seen, look(job("b" * 200), now=NOW + DAY))
    assert len(change.events) == 4
    for event in change.events:
        verdict = read_event(event.kind, field_validator(event.kind), json.loads(event.value))
        assert not isinstance(verdict, Refusal), verdict
        assert verdict.event_id == event.event_id


def test_only_accounts_of_which_all_is_shown_lose_rows():
    seen = Seen()
    looked(seen, look(job("a"), job("b", "other.com"), job("c", "third.com")))
    change = looked(seen, look(job("c", "third.com"), now=NOW + DAY, whole_of=["acme.com"]))
    assert told(change) == [("a/1/closed", "closed")]
    change = looked(seen, look(job("c", "third.com"), now=NOW + DAY))
    assert told(change) == [("b/1/closed", "closed")]


def test_another_account_of_a_feed_begins_quietly():
    """Who adds fifty companies to a lookup has no fifty pieces of news."""
    seen = Seen()
    looked(seen, look(job("a")))
    change = looked(seen, look(job("a"), job("b", "other.com"), now=NOW + DAY))
    assert (told(change), change.first, change.new) == ([], 1, 0)
    looked(seen, FeedLook(FEED, (), ["empty.com"], is_whole=True, now=NOW))
    assert told(looked(seen, look(job("n", "empty.com"), whole_of=["empty.com"]))) == [("n/1", "")]


def test_who_appears_in_a_feed_of_what_companies_do_is_news():
    seen = Seen()
    looked(seen, look(job("crm", kind="intent")))
    change = looked(seen, look(job("crm", kind="intent"), job("crm", "other.com", kind="intent"), now=NOW + DAY))
    assert [(event.account, event.event_id) for event in change.events] == [("other.com", "crm/1")]
    part = FeedLook(FEED, (job("crm", "third.com", kind="intent"),), ["third.com"], is_whole=True, now=NOW + 2 * DAY)
    assert told(looked(seen, part)) == [], "of a part of a feed, each account begins quietly"


def test_with_refused_rows_nothing_counts_as_gone():
    seen = Seen()
    looked(seen, look(job("a"), job("b"), job("c")))
    change = changes(look(job("d"), now=NOW + DAY, is_whole=False), seen)
    assert told(change) == [("d/1", "")]


@pytest.mark.parametrize(("before", "after", "broken"), [(4, 2, False), (4, 1, True), (1, 0, True), (0, 0, False)])
def test_a_feed_that_loses_more_than_half_is_broken(before, after, broken):
    seen = Seen()
    looked(seen, look(*(job(str(n)) for n in range(before)), whole_of=["acme.com"]))
    later = look(*(job(str(n)) for n in range(after)), *(job(f"n{n}") for n in range(9)), whole_of=["acme.com"])
    if not broken:
        assert changes(later, seen).gone == before - after
        return
    with pytest.raises(BrokenFeed, match=f"{before - after} of the {before} rows"):
        changes(later, seen)
    assert changes(later, seen, insist=True).gone == before - after


def test_numbers_of_rows_that_are_long_gone_are_forgotten():
    seen = Seen()
    looked(seen, look(job("a"), job("b")))
    looked(seen, look(job("a"), now=NOW + DAY))
    for days, kept in ((400, True), (402, False)):
        looked(seen, look(job("a"), now=NOW + days * DAY))
        assert ("hiring:b" in seen.states(FEED, "acme.com")) is kept
    assert "hiring:b" not in {record.item for record in seen.records()}


ROWS = st.lists(st.sampled_from("abcdef"), unique=True, max_size=6)


@given(st.lists(st.tuples(ROWS, st.lists(st.integers(0, 12), max_size=3)), min_size=1, max_size=8), st.booleans())
def test_whatever_dies_in_between_the_same_ids_come_again(looks, dated):
    """Events are sent, then some of the records are kept, then it dies; whoever starts again tells nothing else."""
    smooth, rough = Seen(), Seen()
    expected: dict[str, dict] = {}
    found: dict[str, dict] = {}
    for number, (names, deaths) in enumerate(looks):
        at = NOW + number * DAY
        rows = [job(name, posted=at - HOUR if dated else None) for name in names]
        for event in looked(smooth, look(*rows, now=at, whole_of=["acme.com"])).events:
            assert event.event_id not in expected, "no two events of one id"
            expected[event.event_id] = json.loads(event.value)
        for kept in [*deaths, None]:
            change = changes(look(*rows, now=at, whole_of=["acme.com"]), rough, insist=True)
            for event in change.events:
                assert found.setdefault(event.event_id, json.loads(event.value)) == json.loads(event.value)
            rough = Seen([*rough.records(), *change.records[:kept]])
    assert found == expected
    assert {(one.key, one.value) for one in rough.records()} == {(one.key, one.value) for one in smooth.records()}


@given(st.lists(ROWS, max_size=5))
def test_records_say_the_same_when_they_are_read_back(looks):
    seen = Seen()
    for number, names in enumerate(looks):
        looked(seen, look(*(job(name) for name in names), now=NOW + number * DAY))
    records = [*seen.records()]
    assert [seen_record(one.key, one.value) for one in records] == records
    assert [*Seen(records).records()] == records
