"""Clients that send too much, or too slowly, or open too many connections: they lose theirs, and others are served."""

import asyncio
import socket
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any
from urllib.parse import urlsplit

import pytest
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from signal_engine.adapters.http.edge.connections import Connections, network_of
from signal_engine.adapters.http.edge.protocol import (
    CLOSING_TIMEOUT_S,
    MAX_HEAD_BYTES,
    MAX_REQUEST_BYTES,
    REQUEST_TIMEOUT_S,
    STALLED_TIMEOUT_S,
    BoundedProtocol,
)
from testing.waiting import until
from tests.http.market import Market
from tests.http.serving import Served, served

MOST_OF_ONE = 20
HALF = b"GET /v1/lists HTTP/1.1\r\nHost: localhost\r\nX-Slow: "
LIVEZ = b"GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n"


@pytest.fixture(scope="module")
def bounded(lively: Market) -> Iterator[Served]:
    with served(lively, Connections(50, MOST_OF_ONE)) as one:
        yield one


def connect(one: Served, timeout: float = 5.0) -> socket.socket:
    place = urlsplit(one.url)
    return socket.create_connection((place.hostname or "", place.port or 0), timeout=timeout)


def answer(connection: socket.socket) -> bytes:
    """All that is sent until the connection ends; the end may be a reset."""
    got = b""
    try:
        while piece := connection.recv(65_536):
            got += piece
    except ConnectionResetError:
        pass
    return got


def poured(connection: socket.socket, max_bytes: int) -> int:
    """How many bytes are taken until the connection ends, at most `max_bytes`."""
    piece = b"a" * 65_536
    for sent in range(0, max_bytes, len(piece)):
        try:
            connection.sendall(piece)
        except OSError:
            return sent
    return max_bytes


def alive(one: Served) -> bool:
    with urllib.request.urlopen(f"{one.url}livez", timeout=30) as result:
        return result.status == 200


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (b"GET /%s HTTP/1.1\r\n" % (b"a" * MAX_HEAD_BYTES), b"431"),
        (HALF + b"a" * MAX_HEAD_BYTES, b"431"),
        (b"GET / HTTP/1.1\r\n" + b"".join(b"X-%d: %s\r\n" % (n, b"a" * 1000) for n in range(40)), b"431"),
        (b"GET / HTTP/1.1\r\n" + b"X: y\r\n" * (MAX_HEAD_BYTES // 6 + 1) + b"\r\n", b"431"),
        (b"this is no HTTP\r\n\r\n", b"400"),
        (b"GET /\xff HTTP/1.1\r\n\r\n", b"400"),
    ],
    ids=["a long target", "a long header without an end", "many headers", "many short headers", "no HTTP", "no URL"],
)
def test_what_is_too_much_or_no_request_is_refused_and_the_connection_ends(
    bounded: Served, sent: bytes, status: bytes
) -> None:
    with connect(bounded) as connection:
        connection.sendall(sent)
        result = answer(connection)
    assert result.startswith(b"HTTP/1.1 " + status), result[:200]
    assert b"application/problem+json" in result
    assert alive(bounded)


@pytest.mark.parametrize(
    "head",
    [
        b"GET / HTTP/1.1\r\nHost: localhost\r\nX: ",
        b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 900000000\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nTrailer: ",
    ],
    ids=["a header", "a body", "a trailer"],
)
def test_what_never_ends_is_read_as_far_as_the_bound_only(bounded: Served, head: bytes) -> None:
    with connect(bounded) as connection:
        connection.sendall(head)
        assert poured(connection, 32 * 2**20) < MAX_REQUEST_BYTES + 16 * 2**20, (
            "no more than buffers between the two hold"
        )
    assert alive(bounded)


def test_many_requests_before_the_first_is_answered_end_the_connection(bounded: Served) -> None:
    with connect(bounded) as connection:
        connection.sendall(LIVEZ * 5_000)
        assert answer(connection).count(b"HTTP/1.1 200") < 100
    assert alive(bounded)


def test_half_requests_push_each_other_out_and_nobody_else(bounded: Served) -> None:
    with ExitStack() as stack:
        halves = []
        for _ in range(5 * MOST_OF_ONE):
            one = stack.enter_context(connect(bounded))
            one.sendall(HALF)
            halves.append(one)
        assert alive(bounded)
        until("the oldest are gone", lambda: len(bounded.server.server_state.connections) <= MOST_OF_ONE)
        assert answer(halves[0]) == b""
        halves[-1].sendall(b"fast enough\r\n\r\n")
        assert halves[-1].recv(15) == b"HTTP/1.1 200 OK"


def test_a_request_that_is_not_complete_in_time_is_answered_408_and_one_that_never_began_is_let_go(
    bounded: Served,
) -> None:
    with connect(bounded) as half, connect(bounded) as silent, connect(bounded) as drip:
        half.sendall(HALF)
        drip.sendall(LIVEZ)
        result = b""
        while not result.endswith(b'{"status":"ok"}'):
            result += drip.recv(4_096)
        drip.sendall(b"\r\n")
        until("it has been read", lambda: sum(bool(one._received) for one in bounded.server._bounded()) >= 2)

        async def later(seconds: float) -> None:
            for one in bounded.server._bounded():
                one.overdue(asyncio.get_running_loop().time() + seconds)

        bounded.run(later(REQUEST_TIMEOUT_S - 1))
        half.sendall(b"still ")
        bounded.run(later(REQUEST_TIMEOUT_S + 1))
        assert answer(half).startswith(b"HTTP/1.1 408 ")
        assert answer(silent) == b""
        assert answer(drip).startswith(b"HTTP/1.1 408 "), "line ends between requests keep nothing open"


class Pipe:
    """A transport to a client that does not read."""

    def __init__(self) -> None:
        self.closing = self.aborted = False

    def __getattr__(self, name: str) -> Any:
        return lambda *_: None

    def is_closing(self) -> bool:
        return self.closing

    def abort(self) -> None:
        self.aborted = True


async def test_a_client_that_does_not_read_its_answer_is_let_go(bounded: Served) -> None:
    for seconds, closing in ((STALLED_TIMEOUT_S, False), (CLOSING_TIMEOUT_S, True)):
        pipe, now = Pipe(), asyncio.get_running_loop().time()
        one = BoundedProtocol(
            Connections(5), config=bounded.server.config, server_state=bounded.server.server_state, app_state={}
        )
        one.connection_made(pipe)
        one._reading_since, pipe.closing = None, closing
        one.pause_writing()
        one.overdue(now)
        one.overdue(now + seconds - 1)
        assert not pipe.aborted
        one.overdue(now + seconds + 1)
        assert pipe.aborted
        one.connection_lost(OSError())


class Open:
    def __init__(self, network: str, *, waiting: bool = True) -> None:
        self.network, self.waiting, self.dropped = network, waiting, False

    def drop(self) -> None:
        self.dropped = True


def test_room_is_made_by_who_has_most_and_has_waited_longest_never_by_who_is_being_answered() -> None:
    all_of_them = Connections(max_connections=6, max_connections_per_client=4)
    answered, oldest, younger, last = Open("a", waiting=False), Open("a"), Open("a"), Open("a")
    other = Open("b")
    assert all(map(all_of_them.opened, [other, answered, oldest, younger, last]))
    assert all_of_them.opened(Open("a"))
    assert (oldest.dropped, answered.dropped, younger.dropped, other.dropped) == (True, False, False, False)
    assert all_of_them.opened(Open("c")), "there was room"
    assert len(all_of_them) == 6
    assert all_of_them.opened(Open("d"))
    assert (younger.dropped, other.dropped) == (True, False), "of the one who has most"
    busy = Connections(max_connections=2, max_connections_per_client=1)
    assert busy.opened(Open("a", waiting=False))
    assert not busy.opened(Open("a")), "its one is being answered"
    assert busy.opened(Open("b", waiting=False))
    assert not busy.opened(Open("c"))
    busy.closed(Open("c"))
    assert len(busy) == 2, "what was never taken counts for nothing"


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("", ""),
        ("/run/api.sock", "/run/api.sock"),
    ],
)
def test_a_client_is_its_address_or_its_network(address: str, network: str) -> None:
    assert network_of(address) == network


def test_the_names_that_are_overridden_are_uvicorns() -> None:
    ours = {name for name in vars(BoundedProtocol) if callable(getattr(BoundedProtocol, name))}
    own = {"drop", "overdue", "_count_head", "_refused", "_refuse"}
    assert ours - own - set(vars(HttpToolsProtocol)) == set()
    assert {"data_received", "on_message_complete", "_unsupported_upgrade_warning"} <= set(vars(HttpToolsProtocol))
