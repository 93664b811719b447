"""Every outgoing client times every kind of address that is none of the public net: refused, and nothing is sent."""

from pathlib import Path

import pytest

from signal_engine.adapters.outgoing.mailing import Mailer, MailServer
from signal_engine.adapters.outgoing.posting import Poster
from tests.outgoing.every_client import CLIENTS, CRMS, OPEN_CONNECTIONS, who_imports
from tests.outgoing.receivers import answers, poster, receiving
from tests.outgoing.test_addresses import REFUSED
from tests.outgoing.test_mailing import a_mail
from tests.outgoing.test_posting import Resolver

GUARDED = "the address is not public, and not in SIGNAL_ENGINE_OUTGOING_ALLOW"
UNENCRYPTED = "without TLS only networks of SIGNAL_ENGINE_OUTGOING_ALLOW are spoken to"
SPELLED = {
    "decimal": "2130706433", "octal": "0177.0.0.1", "octal in full": "0177.0000.0000.0001", "hex": "0x7f000001",
    "hex in parts": "0x7f.0x0.0x0.0x1", "two parts": "127.1", "three parts": "127.0.1", "zero": "0",
    "name": "localhost",
    "metadata in decimal": "2852039166", "metadata in hex": "0xa9fea9fe", "full stop": "127.0.0.1.",
    "name with a full stop": "localhost.", "zone id": "[fe80::1%25lo]", "mapped": "[::ffff:7f00:1]",
    "mapped in full": "[0:0:0:0:0:ffff:127.0.0.1]", "full-width digits": "\uff11\uff12\uff17.0.0.1",
    "circled digits": "\u2460\u2461\u2466.0.0.1",
}  # fmt: skip
ADDRESSES = {kind: one for kind, one in REFUSED.items() if one and one != "localhost" and "%" not in one}
HOSTS = {**SPELLED, **{kind: f"[{one}]" if ":" in one else one for kind, one in ADDRESSES.items()}}
NOT_A_HOST = ("cannot be asked for", "cannot be read", "(ClientConnectorDNSError)")
"""What no name system knows is no way in either."""


@pytest.mark.parametrize("host", HOSTS.values(), ids=HOSTS)
@pytest.mark.parametrize("client", CLIENTS)
async def test_an_address_inside_is_refused_however_it_is_written(client: str, host: str, tmp_path: Path) -> None:
    async with receiving(answers(200)) as receiver:
        port = receiver.url.rpartition(":")[2]
        attempt = await CLIENTS[client](Poster(), f"https://{host}:{port}/", tmp_path)
    assert attempt.end != "sent"
    assert GUARDED in attempt.said or (host in SPELLED.values() and any(one in attempt.said for one in NOT_A_HOST))
    assert receiver.requests == []
    assert port not in attempt.said


@pytest.mark.parametrize("client", CLIENTS)
async def test_a_name_is_checked_by_where_it_leads_at_that_moment(client: str, tmp_path: Path) -> None:
    """Each connection resolves anew and is checked by the address it goes to: rebinding finds no gap between them."""
    async with receiving(answers(200)) as receiver:
        port = receiver.url.rpartition(":")[2]
        for address in ("127.0.0.1", "169.254.169.254", "::1", "::ffff:127.0.0.1"):
            attempt = await CLIENTS[client](Poster((), Resolver(address)), f"https://rebinds.example:{port}/", tmp_path)
            assert GUARDED in attempt.said
            assert attempt.end == "retry" or client in CRMS, "one wrong answer of a name server loses no message"
    assert receiver.requests == []


@pytest.mark.parametrize("client", CLIENTS)
async def test_http_without_tls_goes_to_networks_of_ones_own_alone(client: str, tmp_path: Path) -> None:
    attempt = await CLIENTS[client](Poster((), Resolver("1.1.1.1")), "http://public.example/", tmp_path)
    assert UNENCRYPTED in attempt.said


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("client", CLIENTS)
async def test_a_redirect_is_followed_by_nobody(client: str, status: int, tmp_path: Path) -> None:
    async with receiving(answers(200)) as target, receiving(answers(status, "", Location=target.url)) as receiver:
        attempt = await CLIENTS[client](poster(), f"{receiver.url}/", tmp_path)
    assert attempt.end != "sent"
    assert str(status) in attempt.said
    assert (len(receiver.requests), target.requests) == (1, [])


@pytest.mark.parametrize("host", [one.strip("[]") for one in HOSTS.values() if "%" not in one], ids=lambda host: host)
async def test_a_mail_server_inside_is_refused_likewise(host: str) -> None:
    attempt = await Mailer(MailServer(host, 25, "starttls"), timeout_s=5.0).send(a_mail("ann@example.com"))
    assert attempt.end in {"failed", "retry"}
    assert GUARDED in attempt.said or attempt.said.endswith("(gaierror)"), attempt.said


@pytest.mark.parametrize("library", OPEN_CONNECTIONS)
def test_requests_leave_through_the_guard_alone(library: str) -> None:
    """A client that is added uses `Poster`, and so belongs into the table; Apprise alone is outside, and documented."""
    assert who_imports(library) == OPEN_CONNECTIONS[library]


@pytest.mark.parametrize("library", ["httpx", "requests", "urllib.request", "http.client", "smtplib", "urllib3"])
def test_nothing_else_opens_connections(library: str) -> None:
    assert who_imports(library) == set()
