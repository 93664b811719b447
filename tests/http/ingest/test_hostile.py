"""Clients that send too much, too slowly, or break off, over a socket: they are cut off, and others are served."""

import asyncio
import json
import socket
import urllib.error
import urllib.request
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest

from signal_engine.adapters.http.edge.protocol import REQUEST_TIMEOUT_S, BoundedProtocol
from signal_engine.adapters.http.ingest.in_flight import MAX_BODY_BYTES, MAX_READ_BYTES
from signal_engine.adapters.http.server import Server, listen, url_of
from testing.waiting import until
from tests.http.ingest.stand import NOW, Stand, event
from tests.http.server.test_bounds import answer, poured
from tests.http.serving import serving

HEAD = b"POST /v1/events HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"


class Served:
    """A door on a port of this machine."""

    def __init__(self, stand: Stand, server: Server, url: str, loop: asyncio.AbstractEventLoop) -> None:
        self.stand, self.server, self.url, self.loop = stand, server, url, loop

    def connect(self) -> socket.socket:
        place = urlsplit(self.url)
        return socket.create_connection((place.hostname or "", place.port or 0), timeout=60)

    def post(self, body: bytes) -> tuple[int, Any]:
        asked = urllib.request.Request(f"{self.url}v1/events", body, {"Content-Type": "application/json"})
        try:
            with urllib.request.urlopen(asked, timeout=30) as told:
                return told.status, json.loads(told.read())
        except urllib.error.HTTPError as refused:
            return refused.code, json.loads(refused.read())

    def in_flight(self) -> float:
        with urllib.request.urlopen(f"{self.url}metrics", timeout=30) as told:
            lines = told.read().decode().splitlines()
        return next(float(line.split()[1]) for line in lines if line.startswith("signal_engine_ingest_in_flight_bytes"))


@pytest.fixture
def served() -> Iterator[Served]:
    listening = listen("127.0.0.1", 0)
    stand = Stand(max_bytes_in_flight=3 * MAX_BODY_BYTES)
    server = Server(stand.app, largest_request=MAX_READ_BYTES)
    with serving(server, listening) as loop:
        yield Served(stand, server, url_of(listening), loop)


def is_served(one: Served) -> bool:
    return one.post(json.dumps(event()).encode())[0] == 202


def test_a_body_within_the_bound_is_taken_and_one_beyond_it_is_answered_413(served: Served):
    padded = json.dumps([event(event_id=str(n), more="x" * 50_000) for n in range(19)]).encode()
    assert len(padded) < MAX_BODY_BYTES
    assert served.post(padded)[0] == 202
    status, problem = served.post(b" " * (MAX_BODY_BYTES + 1))
    assert (status, problem["detail"]) == (413, "a request may have at most 1,000,000 bytes: send fewer events at once")
    assert is_served(served)
    assert served.in_flight() == 0


@pytest.mark.parametrize(
    "framing",
    [b"Content-Length: 900000000\r\n\r\n", b"Transfer-Encoding: chunked\r\n\r\n10000000\r\n"],
    ids=["announced", "chunked"],
)
def test_what_is_far_too_much_is_not_read(served: Served, framing: bytes):
    with served.connect() as connection:
        connection.sendall(HEAD + framing)
        assert poured(connection, 64 * 2**20) < 40 * 2**20, "no more than buffers between the two hold"
    until("nothing is in flight", lambda: served.in_flight() == 0)
    assert is_served(served)
    assert len(served.stand.kafka.records) == 1


def test_a_client_that_waits_for_a_go_ahead_learns_at_once_that_it_is_too_much(served: Served):
    with served.connect() as connection:
        connection.sendall(HEAD + b"Expect: 100-continue\r\nContent-Length: 900000000\r\n\r\n")
        told = answer(connection)
    assert told.startswith(b"HTTP/1.1 413"), told[:100]


def test_a_slow_sender_is_cut_off(served: Served):
    with served.connect() as slow:
        slow.sendall(HEAD + b"Content-Length: 1000\r\n\r\n{")
        until("it is in flight", lambda: served.in_flight() == 1)

        def pass_time() -> None:
            for one in [*served.server.server_state.connections]:
                if isinstance(one, BoundedProtocol):
                    one.overdue(served.loop.time() + REQUEST_TIMEOUT_S + 1)

        served.loop.call_soon_threadsafe(pass_time)
        assert answer(slow) == b"", "it is dropped without an answer"
    until("nothing is in flight", lambda: served.in_flight() == 0)
    assert is_served(served)


def test_a_client_that_breaks_off_leaves_nothing_behind(served: Served):
    for _ in range(20):
        with served.connect() as gone:
            gone.sendall(HEAD + b"Content-Length: 1000\r\n\r\n" + b"{" * 500)
    until("nothing is in flight", lambda: served.in_flight() == 0)
    assert served.stand.kafka.records == []
    assert is_served(served)


def test_slow_senders_fill_what_may_be_in_flight_and_others_are_told_to_wait(served: Served):
    slow = [served.connect() for _ in range(3)]
    for one in slow:
        one.sendall(HEAD + b"Content-Length: 1000000\r\n\r\n" + b"[" * 999_999)
    until("they are in flight", lambda: served.in_flight() == 2_999_997)
    status, problem = served.post(json.dumps(event()).encode())
    assert (status, problem["detail"]) == (429, "too much is being taken in at the moment")
    for one in slow:
        one.close()
    until("they are gone", lambda: is_served(served))


def test_what_is_announced_and_never_sent_keeps_nobody_out(served: Served):
    silent = [served.connect() for _ in range(20)]
    for one in silent:
        one.sendall(HEAD + b"Content-Length: 1000000\r\n\r\n[")
    until("they are in flight", lambda: served.in_flight() == 20)
    assert is_served(served)
    for one in silent:
        one.close()


def test_pipelined_requests_are_each_answered(served: Served):
    body = json.dumps(event(occurred_at="2026-11-28T11:00:00Z")).encode()
    one = HEAD + b"Content-Length: %d\r\n\r\n" % len(body) + body
    with served.connect() as connection:
        connection.sendall(one * 8 + one.replace(b"Host: localhost\r\n", b"Host: localhost\r\nConnection: close\r\n"))
        assert answer(connection).count(b"HTTP/1.1 202") == 9
    assert len(served.stand.kafka.records) == 9
    assert served.stand.now == NOW
