"""Clients that poll one address as fast as they are answered, or at a pace: processes with a blocking socket each."""

import multiprocessing
import socket
import time
from collections.abc import Sequence
from itertools import cycle
from typing import NamedTuple
from urllib.parse import urlsplit


class Polled(NamedTuple):
    """What came of it."""

    per_second: float
    p50: float
    """ms."""
    p99: float
    """ms."""
    status: int
    size: int
    """Bytes of an answer, head and body."""


def poll(url: str | Sequence[str], etag: str, seconds: float, clients: int, pace: float = 0.0) -> Polled:
    """Polls for so long; `pace` is in requests a second of all clients together, 0 is as fast as it goes.

    Of several URLs of one server each client asks for one after the other, beginning with another.
    """
    urls = [url] if isinstance(url, str) else [*url]
    with multiprocessing.get_context("spawn").Pool(clients) as pool:
        begin = [len(urls) * number // clients for number in range(clients)]
        asked = [(urls[first:] + urls[:first], etag, seconds, pace / clients) for first in begin]
        found = pool.starmap(ask, asked)
    taken = sorted(one for times, _, _ in found for one in times)
    return Polled(
        sum(len(times) / seconds for times, _, _ in found), _at(taken, 0.5), _at(taken, 0.99), found[0][1], found[0][2]
    )


def _at(taken: Sequence[float], share: float) -> float:
    return taken[min(len(taken) - 1, int(share * len(taken)))] * 1_000 if taken else 0.0


def ask(urls: Sequence[str], etag: str, seconds: float, pace: float) -> tuple[list[float], int, int]:
    """One client: seconds until each answer, and status and size of the last."""
    parts = urlsplit(urls[0])
    requests = cycle([_request(url, etag) for url in urls])
    taken: list[float] = []
    status = size = 0
    buffer = bytearray(1 << 20)
    with socket.create_connection((parts.hostname or "", parts.port or 80)) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        end = time.perf_counter() + seconds
        while (began := time.perf_counter()) < end:
            connection.sendall(next(requests))
            status, size = _answer(connection, buffer)
            taken.append(time.perf_counter() - began)
            if pace:
                time.sleep(max(0.0, began + 1 / pace - time.perf_counter()))
    return taken, status, size


def _request(url: str, etag: str) -> bytes:
    parts = urlsplit(url)
    head = f"GET {parts.path}?{parts.query} HTTP/1.1\r\nHost: {parts.netloc}\r\n"
    return (head + (f"If-None-Match: {etag}\r\n" if etag else "") + "\r\n").encode()


def _answer(connection: socket.socket, buffer: bytearray) -> tuple[int, int]:
    """Reads one answer; its status and size."""
    view, have, whole = memoryview(buffer), 0, 0
    while not whole or have < whole:
        got = connection.recv_into(view[have:])
        if not got:
            raise SystemExit("the server has closed the connection")
        have += got
        if not whole and (end := buffer.find(b"\r\n\r\n", 0, have)) >= 0:
            head = bytes(buffer[:end]).lower()
            length = head.partition(b"content-length: ")[2].partition(b"\r\n")[0]
            whole = end + 4 + int(length or 0)
    return int(buffer[9:12]), have
