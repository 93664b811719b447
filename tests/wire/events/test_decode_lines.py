"""Lines of event files: the same events, and the instant at which each line is decided."""

import json
from typing import Any

import pytest

from signal_engine.core.rules.events import Event
from signal_engine.core.rules.kinds import KINDS
from signal_engine.wire.events import decode
from signal_engine.wire.events.decode import Line, decode_lines
from signal_engine.wire.events.examples import EVENTS
from signal_engine.wire.events.rejections import Refusal
from signal_engine.wire.instants import parse_instant

OCCURRED = parse_instant(EVENTS["intent"][0]["occurred_at"])
LATER = "2026-03-02T12:00:00Z"
MUCH_EARLIER = "2026-03-02T09:00:00Z"


def line(**changes: Any) -> bytes:
    return json.dumps({**EVENTS["intent"][0], **changes}).encode()


def decoded(value: bytes) -> Line:
    [result] = decode_lines([value])
    return result


@pytest.mark.parametrize("kind", KINDS)
def test_the_kind_of_a_line_is_its_own(kind: str) -> None:
    read = decoded(json.dumps(EVENTS[kind][0]).encode())
    assert isinstance(read.verdict, Event)
    assert read.verdict.kind == kind
    assert read.now == read.verdict.occurred_at


@pytest.mark.parametrize("ending", [b"\n", b"\r\n", b"\r", b""])
def test_the_end_of_a_line_is_not_part_of_it(ending: bytes) -> None:
    assert isinstance(decoded(line() + ending).verdict, Event)
    full = line(trend="x" * (64 * 1024 - len(line(trend=""))))
    assert isinstance(decoded(full + ending).verdict, Event)


def test_a_line_is_decided_when_it_was_received_else_when_it_occurred() -> None:
    assert decoded(line()).now == OCCURRED
    assert decoded(line(received_at=None)).now == OCCURRED
    assert decoded(line(received_at=LATER)).now == parse_instant(LATER)


def test_a_line_may_be_far_in_the_future_of_us_but_not_of_its_own_arrival() -> None:
    assert isinstance(decoded(line(occurred_at="2090-01-01T00:00:00Z")).verdict, Event)
    refused = decoded(line(received_at=MUCH_EARLIER))
    assert refused.verdict.reason == "future"  # type: ignore[union-attr]
    assert refused.now == parse_instant(MUCH_EARLIER)
    assert isinstance(decoded(line(received_at="2026-03-02T09:25:00Z")).verdict, Event)


@pytest.mark.parametrize(
    ("changes", "backfill"),
    [
        ({}, False),
        ({"backfill": None}, False),
        ({"backfill": False}, False),
        ({"backfill": True}, True),
        ({"backfill": True, "received_at": LATER}, True),
    ],
)
def test_a_line_may_be_history_being_loaded(changes: dict[str, Any], backfill: bool) -> None:
    read, plain = decoded(line(**changes)).verdict, decoded(line()).verdict
    assert read == plain._replace(backfill=backfill)  # type: ignore[union-attr]


REFUSED = [
    ("a blank line", b"", "not_json", None),
    ("a line of blanks", b"  \r\n", "not_json", None),
    ("half a line", line()[:-5], "not_json", None),
    ("a list", b"[" + line() + b"]", "schema", None),
    ("no kind", line(kind=None), "schema", OCCURRED),
    ("an unknown kind", line(kind="weather"), "schema", OCCURRED),
    ("a kind that is no text", line(kind=["intent"]), "schema", OCCURRED),
    ("a wrong field", line(score="80"), "schema", OCCURRED),
    ("a wrong field of a line with received_at", line(score="80", received_at=LATER), "schema", parse_instant(LATER)),
    ("received_at unreadable", line(received_at="soon"), "schema", None),
    ("received_at as a number", line(received_at=1767225600), "schema", None),
    ("received_at unreadable in a line wrong elsewhere", line(received_at="", kind=None), "schema", None),
    ("occurred_at unreadable", line(occurred_at="soon"), "schema", None),
    (
        "occurred_at unreadable, received_at not",
        line(occurred_at="?", received_at=LATER),
        "schema",
        parse_instant(LATER),
    ),
    ("occurred_at missing, received_at not", line(occurred_at=None, received_at=LATER), "schema", parse_instant(LATER)),
    ("no company", line(account_id="localhost"), "account", OCCURRED),
    ("a shared host", line(account_id="boards.greenhouse.io/acme", received_at=LATER), "account", parse_instant(LATER)),
    ("too large", line(trend="x" * 70_000), "too_large", OCCURRED),
    ("too large with received_at", line(trend="x" * 70_000, received_at=LATER), "too_large", parse_instant(LATER)),
    ("too large and received_at null", line(trend="x" * 70_000, received_at=None), "too_large", OCCURRED),
    ("too large and not JSON", b"x" * 70_000, "too_large", None),
    ("too large and a list", b"[" + b" " * 70_000 + b"]", "too_large", None),
]


@pytest.mark.parametrize(("value", "reason", "now"), [row[1:] for row in REFUSED], ids=[row[0] for row in REFUSED])
def test_a_refused_line_still_tells_its_instant_where_it_can_be_read(
    value: bytes, reason: str, now: int | None
) -> None:
    refused = decoded(value)
    assert isinstance(refused.verdict, Refusal)
    assert (refused.verdict.reason, refused.now) == (reason, now)


DETAILS = [
    ("the missing kind is named", line(kind=None), "kind is missing"),
    ("the kinds are listed", line(kind="weather"), "kind must be one of intent, hiring"),
    ("received_at is named", line(received_at="soon"), "received_at is not an RFC 3339 instant"),
    ("a word is no flag", line(backfill="yes"), "backfill must be true or false"),
    ("a number is no instant", line(received_at=1), "received_at must be text"),
]


@pytest.mark.parametrize(("value", "detail"), [row[1:] for row in DETAILS], ids=[row[0] for row in DETAILS])
def test_the_detail_names_the_field(value: bytes, detail: str) -> None:
    refused = decoded(value).verdict
    assert isinstance(refused, Refusal)
    assert refused.detail.startswith(detail)


def test_one_line_per_line_in_the_same_order() -> None:
    results = decode_lines([line(), b"", line(kind=None), line()])
    assert [isinstance(result.verdict, Event) for result in results] == [True, False, False, True]
    assert decode_lines([]) == []


def test_a_failure_of_ours_is_a_verdict_on_its_line_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise RecursionError

    monkeypatch.setattr(decode, "unwrap", fail)
    bad, good = decode_lines([line(specversion="1.0"), line()])
    assert bad.now is None
    assert bad.verdict.reason == "bug"  # type: ignore[union-attr]
    assert isinstance(good.verdict, Event)
