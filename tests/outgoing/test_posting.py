"""One POST: guarded where it connects, never redirected, bounded in time and answer; nothing secret is told."""

import asyncio
import socket
import ssl
import subprocess
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from aiohttp.abc import AbstractResolver, ResolveResult

from signal_engine.adapters.outgoing import posting
from signal_engine.adapters.outgoing.posting import MOST_OF_AN_ANSWER, Poster, ReceiverAnswer, Unanswered, retry_after
from tests.outgoing.receivers import HERE, answers, poster, receiving


class Resolver(AbstractResolver):
    """Answers each question with the next of its addresses."""

    def __init__(self, *addresses: str) -> None:
        self.addresses = [*addresses]
        self.asked = 0

    async def resolve(self, host: str, port: int = 0, family: Any = socket.AF_INET) -> list[ResolveResult]:
        self.asked += 1
        address = self.addresses[min(self.asked, len(self.addresses)) - 1]
        return [ResolveResult(hostname=host, host=address, port=port, family=socket.AF_INET, proto=0, flags=0)]

    async def close(self) -> None:
        """Nothing to close."""


async def test_it_goes_where_it_may_and_brings_the_answer() -> None:
    async with receiving(answers(200, "taken", Retry_After="5")) as receiver:
        answer = await poster().post(f"{receiver.url}/x", b"body", {"content-type": "text/plain"})
    assert answer == ReceiverAnswer(200, b"taken", 5.0)
    assert [(one.path, one.body) for one in receiver.requests] == [("/x", b"body")]


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::ffff:127.0.0.1]", "2130706433", "0x7f.1", "0"])
@pytest.mark.parametrize("scheme", ["http", "https"])
async def test_nothing_goes_to_this_machine_however_it_is_called(scheme: str, host: str) -> None:
    async with receiving(answers(200)) as receiver:
        port = receiver.url.rpartition(":")[2]
        answer = await Poster().post(f"{scheme}://{host}:{port}/", b"", {})
    assert isinstance(answer, Unanswered)
    assert receiver.requests == []
    assert host not in answer.said


async def test_a_name_that_is_bound_again_is_checked_again() -> None:
    """A name may look public when somebody configures it: each connection is checked by the address it goes to."""
    async with receiving(answers(200)) as receiver:
        port = receiver.url.rpartition(":")[2]
        rebinding = Resolver("127.0.0.1")
        for _ in range(2):
            answer = await Poster((), rebinding).post(f"https://rebinds.example:{port}/", b"", {})
            assert isinstance(answer, Unanswered)
            assert not answer.refused, "it may lead elsewhere next time"
        assert rebinding.asked == 2, "no name is remembered from one request to the next"
        assert receiver.requests == []
        allowed = await Poster(HERE, rebinding).post(f"http://rebinds.example:{port}/", b"", {})
        assert isinstance(allowed, ReceiverAnswer)


async def test_http_without_tls_is_for_networks_of_ones_own() -> None:
    answer = await Poster((), Resolver("1.1.1.1")).post("http://public.example/", b"", {})
    assert answer == Unanswered("without TLS only networks of SIGNAL_ENGINE_OUTGOING_ALLOW are spoken to")


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "127.1", "2130706433", "0x7f.1", "0", "127.0.0.1.", "[::1]", "[::ffff:7f00:1]", "10.0.0.7"]
)
async def test_an_address_inside_that_the_url_itself_names_is_refused_for_good(host: str) -> None:
    answer = await Poster().post(f"https://{host}:9/", b"", {})
    assert isinstance(answer, Unanswered)
    assert answer.refused


@pytest.mark.parametrize(
    "url",
    [
        *("ftp://a.example/", "file:///etc/passwd", "https://user:secret@a.example/", "https:///x", "x"),
        *("https://[secret", "https://hooks..secret.example/", f"https://{'secret' * 11}.example/"),
    ],
)
async def test_what_is_no_such_url_is_refused(url: str) -> None:
    answer = await poster().post(url, b"", {})
    assert isinstance(answer, Unanswered)
    assert answer.refused
    assert "secret" not in answer.said


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_a_redirect_is_not_followed(status: int) -> None:
    async with receiving(answers(200)) as target, receiving(answers(status, "", Location=target.url)) as receiver:
        answer = await poster().post(receiver.url, b"x", {})
    assert isinstance(answer, ReceiverAnswer)
    assert answer.status == status
    assert target.requests == []


async def test_of_a_long_answer_the_first_64_kb_are_read() -> None:
    async with receiving(answers(200, "x" * 5_000_000)) as receiver:
        answer = await poster().post(receiver.url, b"", {})
    assert isinstance(answer, ReceiverAnswer)
    assert len(answer.body) == MOST_OF_AN_ANSWER


async def test_who_does_not_answer_in_time_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(posting, "_TIMEOUT_S", 0.2)

    async def never(_: web.Request) -> web.StreamResponse:
        await asyncio.Event().wait()
        raise AssertionError

    async with receiving(never) as receiver:
        answer = await poster().post(receiver.url, b"", {})
    assert answer == Unanswered("no answer within 0.2 seconds", may_have_arrived=True)


async def test_whoever_hangs_up_before_answering_may_have_it() -> None:
    async def hangs_up(request: web.Request) -> web.StreamResponse:
        assert request.transport is not None
        request.transport.abort()
        return web.Response()

    async with receiving(hangs_up) as receiver:
        answer = await poster().post(receiver.url, b"x", {})
    assert isinstance(answer, Unanswered)
    assert answer.may_have_arrived


async def test_who_is_not_there_can_be_tried_again_and_its_address_is_not_told() -> None:
    async with receiving(answers(200)) as receiver:
        gone = receiver.url
    answer = await poster().post(f"{gone}/secret-token", b"", {})
    assert isinstance(answer, Unanswered)
    assert not answer.refused
    assert not answer.may_have_arrived
    assert "secret" not in answer.said
    assert "127" not in answer.said


async def test_proxies_of_the_environment_are_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    async with receiving(answers(200)) as proxy, receiving(answers(200)) as receiver:
        for name in ("http_proxy", "HTTP_PROXY", "https_proxy", "ALL_PROXY"):
            monkeypatch.setenv(name, proxy.url)
        assert isinstance(await poster().post(receiver.url, b"", {}), ReceiverAnswer)
    assert (len(proxy.requests), len(receiver.requests)) == (0, 1)


async def test_a_certificate_that_nobody_vouches_for_is_refused(tmp_path: Path) -> None:
    made = [
        *["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost", "-addext"],
        "subjectAltName=IP:127.0.0.1",
    ]
    pair = {"-keyout": tmp_path / "key.pem", "-out": tmp_path / "cert.pem"}
    places = [str(word) for option in pair.items() for word in option]
    subprocess.run(["openssl", *made, *places], check=True, capture_output=True)  # noqa: ASYNC221 (nothing else runs)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pair["-out"], pair["-keyout"])
    async with receiving(answers(200), context) as receiver:
        answer = await poster().post(receiver.url, b"", {})
    assert answer == Unanswered("the receiver's certificate is not valid")
    assert receiver.requests == []


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        (None, None), ("7", 7.0), (" 7 ", 7.0), ("999999999999", 86_400.0), ("-1", None), ("soon", None), ("7.5", None),
        ("Mon, 30 Nov 2026 10:00:30 GMT", 30.0), ("Mon, 30 Nov 2026 09:00:00 GMT", 0.0), ("\u0667", None),
        ("Fri, 31 Dec 9999 23:59:59 -2359", None), ("Fri, 31 Dec 2999 23:59:59 GMT", 86_400.0),
    ],
)  # fmt: skip
def test_how_long_a_receiver_asks_to_wait(value: str | None, seconds: float | None) -> None:
    assert retry_after(value, datetime(2026, 11, 30, 10, tzinfo=UTC)) == seconds
