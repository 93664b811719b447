"""What is played: the order, the split into history and live, and where each line goes."""

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from signal_engine.core.rules.instants import DAY
from signal_engine.entrypoints.demo.feed import NothingToPlay, Played, file_feed, journey_feed
from signal_engine.wire.events.one_event import MAX_VALUE_BYTES
from signal_engine.wire.instants import parse_instant

LAST = "2026-03-10T12:00:00Z"


def visit(event_id: str, occurred_at: Any, **fields: Any) -> bytes:
    return json.dumps(
        {
            "kind": "engagement", "event_id": event_id, "account_id": "acme.co.uk", "occurred_at": occurred_at,
            "activity": "page_view", **fields,
        }
    ).encode()  # fmt: skip


def written(folder: Path, *lines: bytes) -> str:
    path = folder / "events.jsonl"
    path.write_bytes(b"\n".join(lines) + b"\n")
    return str(path)


def numbers(played: list[Played]) -> list[int]:
    return [one.line for one in played]


def test_the_last_three_days_are_live_and_the_rest_is_history_in_order_of_arrival(tmp_path: Path) -> None:
    feed = file_feed(
        written(
            tmp_path,
            visit("last", LAST),
            visit("old", "2026-01-01T00:00:00Z"),
            visit("three-days-ago", "2026-03-07T12:00:00Z"),
            visit("just-within", "2026-03-07T12:00:00.001Z"),
            visit("told-late", "2026-01-01T00:00:00Z", received_at="2026-03-09T00:00:00Z"),
        )
    )
    assert numbers(feed.history) == [2, 3]
    assert numbers(feed.live) == [4, 5, 1]
    assert feed.now == parse_instant(LAST)
    assert not feed.as_it_comes


def test_lines_of_one_instant_are_taken_by_their_ids_as_a_replay_does(tmp_path: Path) -> None:
    feed = file_feed(written(tmp_path, visit("b", LAST), visit("a", LAST)))
    assert numbers(feed.live) == [2, 1]


def test_a_line_without_a_readable_time_comes_behind_the_one_before_it(tmp_path: Path) -> None:
    feed = file_feed(
        written(
            tmp_path, b"nonsense", visit("b", "2026-02-02T00:00:00Z"), visit("epoch", 1767225600),
            visit("a", "2026-02-01T00:00:00Z"), visit("last", LAST),
        )
    )  # fmt: skip
    assert numbers(feed.history) == [1, 4, 2, 3]
    assert feed.history[0].at == parse_instant("2026-02-01T00:00:00Z")


def test_a_refused_line_does_not_say_when_now_is(tmp_path: Path) -> None:
    """A year typed wrongly must not push everything else out of sight."""
    broken = visit("later", "2199-01-01T00:00:00Z", confidence=85)
    assert file_feed(written(tmp_path, visit("last", LAST), broken)).now == parse_instant(LAST)


def test_gzip_is_read_and_blank_lines_count_as_lines_only(tmp_path: Path) -> None:
    path = tmp_path / "events.jsonl.gz"
    path.write_bytes(gzip.compress(b"\n" + visit("last", LAST) + b"\n\n"))
    assert numbers(file_feed(str(path)).live) == [2]


@pytest.mark.parametrize("lines", [(), (b"nonsense",), (visit("x", LAST, confidence=85),)])
def test_without_a_single_event_there_is_nothing_to_play(tmp_path: Path, lines: tuple[bytes, ...]) -> None:
    with pytest.raises(NothingToPlay, match=r"events\.jsonl: no playable event"):
        file_feed(written(tmp_path, *lines))


CLOUD_EVENT = {
    "specversion": "1.0", "id": "1", "source": "/web", "type": "com.acme.signals.hiring", "subject": "acme.co.uk",
    "time": LAST, "data": {"title": "VP Sales"},
}  # fmt: skip


@pytest.mark.parametrize(
    ("line", "kind", "key"),
    [
        (visit("x", LAST), "engagement", b"acme.co.uk"),
        (visit("x", LAST, account_id="https://www.ACME.co.uk/careers"), "engagement", b"acme.co.uk"),
        (visit("x", LAST, account_id="localhost"), "engagement", b"localhost"),
        (visit("x", LAST, account_id=7), "engagement", None),
        (visit("x", LAST, kind="weather"), "intent", b"acme.co.uk"),
        (visit("x", LAST, kind=["engagement"]), "intent", b"acme.co.uk"),
        (json.dumps(CLOUD_EVENT).encode(), "hiring", b"acme.co.uk"),
        (b"[1, 2]", "intent", None),
        (b"{", "intent", None),
    ],
)
def test_a_line_goes_to_the_topic_of_its_kind_under_the_one_name_of_its_account(
    tmp_path: Path, line: bytes, kind: str, key: bytes | None
) -> None:
    """What the line does not tell is the engine's to refuse; it has to go somewhere."""
    feed = file_feed(written(tmp_path, line, visit("last", LAST)))
    (played,) = [one for one in (*feed.history, *feed.live) if one.line == 1]
    assert (played.kind, played.key) == (kind, key)


def test_a_line_too_large_goes_out_cut_so_that_kafka_takes_it_and_the_engine_still_refuses_it(tmp_path: Path) -> None:
    feed = file_feed(written(tmp_path, visit("last", LAST), visit("x", LAST, padding="x" * 2_000_000)))
    (played,) = [one for one in feed.live if one.line == 2]
    assert len(played.value) == MAX_VALUE_BYTES + 1


def test_journeys_are_ninety_days_of_history_and_more_to_come_the_same_whenever_one_looks() -> None:
    feed = journey_feed("config/accounts.csv", 7)
    assert feed.as_it_comes
    assert feed.now - 90 * DAY <= feed.history[0].at
    assert feed.history[-1].at <= feed.now < feed.live[0].at
    assert len(feed.history) > 2_000
    assert len(feed.live) > 1_000
    assert feed == journey_feed("config/accounts.csv", 7)
    assert feed != journey_feed("config/accounts.csv", 8)
