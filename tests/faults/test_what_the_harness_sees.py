"""A harness that sees nothing proves nothing: what is lost, doubled or different is found, and told."""

import socket
import threading
from typing import Any, NamedTuple

import orjson
import pytest

from faults.harness.differences import first_difference
from faults.harness.judge import _compare_alerts, _count, _not_outdated
from faults.harness.proxy import Proxy
from faults.harness.watching import Sample, slope
from faults.registry import SCENARIOS, named
from faults.report import Ran, page, ran
from faults.scenario import Outcome, Verdict
from signal_engine.wire.instants import parse_instant

UNTIL, LATER = "2026-03-02T09:30:00Z", "2026-03-02T09:30:00.001Z"
COUNTS = {"received": 10, "applied": 6, "duplicate": 2, "ignored": 1, "expired": 0, "rejected": 1}


class Record(NamedTuple):
    value: bytes


def alert(name: str, **changed: Any) -> dict[str, Any]:
    fields = ("type", "at", "account_id", "level", "previous_level", "episode", "kinds_live", "why_now")
    return {"alert_id": name, **dict.fromkeys(fields, "x"), "at": UNTIL, **changed}


def sent(*alerts: dict[str, Any]) -> list[Record]:
    return [Record(orjson.dumps(one)) for one in alerts]


@pytest.mark.parametrize(
    ("counts", "garbage", "found"),
    [
        (COUNTS, 0, (0, 0, [])),
        (COUNTS | {"rejected": 3}, 2, (0, 0, [])),
        (COUNTS | {"applied": 5}, 0, (1, 0, ["applied: 5 for 6"])),
        (COUNTS | {"applied": 7}, 0, (0, 1, ["applied: 7 for 6"])),
        # one lost, another one counted twice: the sum agrees, and both are seen
        (COUNTS | {"applied": 5, "duplicate": 3}, 0, (1, 0, ["applied: 5 for 6", "duplicate: 3 for 2"])),
    ],
)
def test_events_that_were_lost_or_applied_twice_are_counted(counts, garbage, found):
    assert _count(counts, COUNTS, garbage) == found


@pytest.mark.parametrize(
    ("result", "missing", "extra", "repeats", "differs"),
    [
        ([alert("a"), alert("b")], set(), 0, 0, 0),
        ([alert("a")], {"b"}, 0, 0, 0),
        ([alert("a"), alert("b"), alert("a")], set(), 0, 1, 0),
        ([alert("a"), alert("b"), alert("a", score=1)], set(), 1, 0, 1),
        ([alert("a"), alert("b"), alert("c")], set(), 1, 0, 1),
        ([alert("a"), alert("b", level="hot")], set(), 0, 0, 1),
        # due after the end of the replay, which cannot know of it; twice it has to be the same all the same
        ([alert("a"), alert("b"), alert("c", at=LATER)], set(), 0, 0, 0),
        ([alert("a"), alert("b"), alert("c", at=LATER), alert("c", at=LATER, score=1)], set(), 1, 0, 1),
    ],
)
def test_alerts_that_are_missing_too_many_or_different_are_counted(result, missing, extra, repeats, differs):
    found = _compare_alerts(sent(*result), [alert("a"), alert("b")], parse_instant(UNTIL))
    assert found[:3] == (missing, extra, repeats)
    assert len(found[3]) == differs


def test_a_list_that_is_behind_is_seen():
    def entries(*scores: float) -> list[dict[str, Any]]:
        return [
            {"account_id": name, "score": score, "priority": score} for name, score in zip("ab", scores, strict=True)
        ]

    _not_outdated(entries(9.0, 5.0), entries(8.9, 5.0))
    with pytest.raises(AssertionError, match="outdated"):
        _not_outdated(entries(9.0, 5.0), entries(8.5, 5.0))
    with pytest.raises(AssertionError, match="outdated"):
        _not_outdated(entries(9.0, 5.0), entries(9.0, 5.0)[::-1])
    assert first_difference(entries(9.0, 5.0), entries(9.0, 5.0)[::-1]) == (
        "2 accounts for 2; rank 1 is a 9.0, should be b 5.0"
    )


def test_memory_that_rises_by_one_megabyte_a_minute_rises_by_sixty_an_hour():
    assert slope([Sample(60.0 * minute, 200.0 + minute) for minute in range(20)]) == pytest.approx(60)
    assert slope([Sample(60.0 * minute, 200.0) for minute in range(20)]) == 0


def test_a_run_in_which_something_was_lost_has_failed():
    scenario = SCENARIOS[0]
    assert ran(scenario, 1, 2.0, Outcome(Verdict(10))).failure == ""
    for verdict in (Verdict(10, lost=1), Verdict(10, doubled=1), Verdict(10, differs=("a list",))):
        assert ran(scenario, 1, 2.0, Outcome(verdict)).failure


def test_the_page_tells_only_of_what_ran():
    first, second = SCENARIOS[:2]
    result = page([first, second], [Ran(first.name, 1, 2.0, "", 1234, recovery=2.5), Ran(first.name, 2, 2.0, "lost")])
    rows = result.splitlines()[2:]
    assert "| 2, **1 failed** | 0 | 1,234 |" in rows[0]
    assert "2.5 s" in rows[0]
    assert "not run yet" in rows[1]
    again = page([first, second], [Ran(second.name, 3, 2.0, "", 77)], before=result).splitlines()[2:]
    assert again[0] == rows[0], "what was measured earlier stays"
    assert "| 1 | 0 | 77 |" in again[1]


def test_every_scenario_has_a_name_of_its_own():
    assert len({scenario.name for scenario in SCENARIOS}) == len(SCENARIOS)


ENDS = ["shut_down", "shut_down_while_joining", "shut_down_unread", "shut_down_alone"]


@pytest.mark.parametrize(
    ("names", "meant"),
    [
        (["shut_down"], ["shut_down"]),
        (["shut_"], ENDS),
        (["shut_", "history"], ["history", *ENDS]),
        (["nothing"], []),
    ],
)
def test_a_scenario_can_be_run_alone_also_where_another_name_begins_with_its_own(names, meant):
    assert [one.name for one in named(names)] == meant


def test_a_lost_answer_is_lost_after_the_server_had_the_request():
    had: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as server:
        threading.Thread(target=_echo, args=(server, had), daemon=True).start()
        with Proxy(server.getsockname()[1]) as wire:
            with _call(wire) as client:
                client.sendall(b"one")
                assert client.recv(10) == b"one"
                wire.lose_answers = 1
                client.sendall(b"two")
                with pytest.raises(ConnectionResetError):
                    client.recv(10) or _reset()
            assert had == [b"one", b"two"]
            with _call(wire) as client:
                client.sendall(b"three")
                assert client.recv(10) == b"three"


def _echo(server: socket.socket, had: list[bytes]) -> None:
    for _ in range(2):
        with server.accept()[0] as client:
            try:
                while data := client.recv(10):
                    had.append(data)
                    client.sendall(data)
            except OSError:
                continue


def _call(wire: Proxy) -> socket.socket:
    client = socket.create_connection(("127.0.0.1", wire.port))
    client.settimeout(5)
    return client


def _reset() -> None:
    raise ConnectionResetError  # an orderly end is as good
