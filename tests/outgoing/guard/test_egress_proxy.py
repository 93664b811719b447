"""An egress proxy takes the guard's duty over: https goes through it, nothing resolves names here, TLS is verified."""

import ssl
from collections.abc import AsyncIterator
from pathlib import Path
from typing import NamedTuple

import aiohttp.connector
import pytest

from signal_engine.adapters.outgoing.posting import Poster, ReceiverAnswer, Unanswered
from testing.receivers.certificates import certificate
from testing.receivers.proxy import EgressProxy, egress_proxy
from tests.outgoing.receivers import HERE, Receiver, answers, receiving
from tests.outgoing.test_posting import Resolver

NAME = "hooks.partner.example"


class Behind(NamedTuple):
    """A receiver that only the proxy can name."""

    proxy: EgressProxy
    receiver: Receiver


@pytest.fixture
async def behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Behind]:
    certified = certificate(tmp_path, f"DNS:{NAME}")
    trust = ssl.create_default_context(cafile=certified.trusted_by)
    monkeypatch.setattr(aiohttp.connector, "_SSL_CONTEXT_VERIFIED", trust)
    async with receiving(answers(200, "taken"), certified.context) as receiver:
        port = int(receiver.url.rpartition(":")[2])
        there = EgressProxy({f"{NAME}:443": port, "other.example:443": port, "10.0.0.1:443": port}, "us:p@ss")
        async with egress_proxy(there) as proxy:
            yield Behind(proxy, receiver)


def through(port: int, login: str = "us:p%40ss@") -> Poster:
    """A poster whose own name system knows nothing."""
    return Poster((), Resolver("127.0.0.1"), proxy=f"http://{login}127.0.0.1:{port}")


async def test_https_goes_through_the_proxy_which_alone_resolves_names(behind: Behind) -> None:
    answer = await through(behind.proxy.port).post(f"https://{NAME}/hook?a=%2F", b"body", {"x-ours": "1"})
    assert answer == ReceiverAnswer(200, b"taken", None)
    (came,) = behind.receiver.requests
    assert (came.path, came.body, came.headers["x-ours"]) == ("/hook", b"body", "1")
    assert "proxy-authorization" not in came.headers
    assert behind.proxy.asked == [f"CONNECT {NAME}:443 HTTP/1.1"]


async def test_the_receivers_certificate_is_verified_behind_the_proxy_too(behind: Behind) -> None:
    answer = await through(behind.proxy.port).post("https://other.example/", b"", {})
    assert answer == Unanswered("the receiver's certificate is not valid")
    assert behind.receiver.requests == []


@pytest.mark.parametrize(
    ("url", "login", "said"),
    [
        ("https://intranet.example/secret", "us:p%40ss@", "the egress proxy answered 403"),
        (f"https://{NAME}/secret", "us:wrong@", "the egress proxy answered 407"),
        (f"https://{NAME}/secret", "", "the egress proxy answered 407"),
    ],
)
async def test_what_the_proxy_refuses_is_said_without_address_or_password(
    behind: Behind, url: str, login: str, said: str
) -> None:
    answer = await through(behind.proxy.port, login).post(url, b"", {})
    assert answer == Unanswered(said)
    assert behind.receiver.requests == []


async def test_a_proxy_that_is_not_there_is_told_as_such_and_nothing_goes_around_it(behind: Behind) -> None:
    async with egress_proxy(EgressProxy({})) as gone:
        pass
    answer = await through(gone.port).post(f"https://{NAME}/", b"", {})
    assert answer == Unanswered("the egress proxy cannot be reached")
    assert behind.receiver.requests == []


async def test_http_without_tls_goes_directly_to_networks_of_ones_own_alone(behind: Behind) -> None:
    async with receiving(answers(200)) as own:
        proxied = f"http://us:p%40ss@127.0.0.1:{behind.proxy.port}"
        assert isinstance(await Poster(HERE, proxy=proxied).post(own.url, b"", {}), ReceiverAnswer)
        refused = await Poster((), proxy=proxied).post(own.url, b"", {})
    assert isinstance(refused, Unanswered)
    assert refused.refused
    assert behind.proxy.asked == []


async def test_a_redirect_is_not_followed_behind_a_proxy_either(tmp_path: Path, behind: Behind) -> None:
    folder = tmp_path / "moved"
    folder.mkdir()
    away = answers(302, "", Location=f"https://{NAME}/elsewhere")
    async with receiving(away, certificate(folder, f"DNS:{NAME}").context) as moved:
        behind.proxy.places[f"{NAME}:8443"] = int(moved.url.rpartition(":")[2])
        aiohttp.connector._SSL_CONTEXT_VERIFIED.load_verify_locations(folder / "certificate.pem")
        answer = await through(behind.proxy.port).post(f"https://{NAME}:8443/", b"", {})
    assert isinstance(answer, ReceiverAnswer)
    assert answer.status == 302
    assert behind.receiver.requests == []
