"""One request to a configured address: checked where it connects, not redirected, bounded in time and answer."""

import asyncio
import re
import socket
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, Final, NamedTuple
from urllib.parse import urlsplit

import aiohttp
from aiohttp.abc import AbstractResolver
from aiohttp.resolver import ThreadedResolver
from yarl import URL

from signal_engine.adapters.outgoing.addresses import (
    Network,
    NotAllowedToGoThere,
    is_written_address,
    may_be_asked,
)

_TIMEOUT_S: Final = 15.0
"""Seconds for everything: name, connection, TLS, answer."""
MOST_OF_AN_ANSWER: Final = 64 * 1024
"""Bytes that are read of an answer, unless a poster reads more; the rest is left unread."""
_AGENT: Final = "signal-engine"
_LONGEST_RETRY_S: Final = 86_400.0
"""Whoever asks for more than a day is taken to have asked for one: nothing is tried for longer."""
_NO_HOST: Final = "the URL has a host that cannot be asked for"
_PRINTABLE: Final = re.compile(r"[!-~]+")


class ReceiverAnswer(NamedTuple):
    """What came back."""

    status: int
    body: bytes
    """Its first 64 KB, or as much as the poster reads."""
    retry_after_s: float | None
    """Seconds that `Retry-After` asks to wait."""


class Unanswered(NamedTuple):
    """No answer came, or none was asked for."""

    said: str
    """Why, in words; no address and no secret."""
    refused: bool = False
    """The URL is none that anything goes to: trying again changes nothing. A name may lead elsewhere next time."""
    may_have_arrived: bool = False
    """The connection stood, so the receiver may have read the request."""


class Poster:
    """Sends to addresses of configuration. Every connection is checked after its name was resolved, each time anew."""

    def __init__(
        self,
        allowed: Sequence[Network] = (),
        resolver: AbstractResolver | None = None,
        most_of_an_answer: int = MOST_OF_AN_ANSWER,
        proxy: str = "",
    ) -> None:
        """`allowed`: networks of one's own, in which http without TLS is accepted, too.

        `most_of_an_answer`: bytes that are read of each. `proxy`: URL of the egress proxy through which https goes, and
        which then decides where it may go; empty: none.
        """
        self._allowed = tuple(allowed)
        self._proxy = proxy or None
        self._most = most_of_an_answer
        self._resolver = resolver

    async def post(
        self, url: str, body: bytes, headers: Mapping[str, str], most: int | None = None
    ) -> ReceiverAnswer | Unanswered:
        """Post `body`; see `request`."""
        return await self.request("POST", url, body, headers, most)

    async def request(
        self, method: str, url: str, body: bytes | None, headers: Mapping[str, str], most: int | None = None
    ) -> ReceiverAnswer | Unanswered:
        """One request. The names and proxies of the environment are not looked at; TLS is verified, always.

        `most`: bytes that are read of this answer, where it is longer than others.
        """
        try:
            parts = urlsplit(url)
        except ValueError:
            return Unanswered("the URL cannot be read", refused=True)
        if parts.scheme not in {"https", "http"} or not parts.hostname or parts.username is not None:
            return Unanswered("the URL is not http or https with a host and without a user", refused=True)
        for_good = is_written_address(parts.hostname)
        only_allowed = parts.scheme == "http"
        proxy = None if only_allowed else self._proxy
        connection = aiohttp.TraceConfig()
        stood = asyncio.Event()

        async def connected(*_: object) -> None:
            stood.set()

        connection.on_connection_create_end.append(connected)
        session = aiohttp.ClientSession(
            connector=self._connector(only_allowed=only_allowed, checks=proxy is None),
            timeout=aiohttp.ClientTimeout(total=_TIMEOUT_S),
            trust_env=False,
            cookie_jar=aiohttp.DummyCookieJar(),
            auto_decompress=False,
            trace_configs=[connection],
            headers={"User-Agent": _AGENT, "Accept-Encoding": "identity"},  # what is packed would be read as it is
        )
        async with session:
            try:
                place = URL(url, encoded=_PRINTABLE.fullmatch(url) is not None)  # as it is written: it may be signed
                async with session.request(
                    method, place, data=body, headers=headers, allow_redirects=False, proxy=proxy
                ) as answer:
                    read = await _first_bytes(answer, most or self._most)
                    return ReceiverAnswer(answer.status, read, retry_after(answer.headers.get("Retry-After"), _now()))
            except NotAllowedToGoThere as error:
                return Unanswered(str(error), refused=for_good)
            except TimeoutError:
                return Unanswered(f"no answer within {_TIMEOUT_S:g} seconds", may_have_arrived=stood.is_set())
            except aiohttp.ClientConnectorCertificateError:
                return Unanswered("the receiver's certificate is not valid")
            except aiohttp.InvalidURL:  # such as numbers that are written as no address is
                return Unanswered(_NO_HOST, refused=True)
            except aiohttp.ClientHttpProxyError as error:
                return Unanswered(f"the egress proxy answered {error.status}")
            except aiohttp.ClientProxyConnectionError:
                return Unanswered("the egress proxy cannot be reached")
            except (aiohttp.ClientError, OSError) as error:
                said = f"it cannot be reached ({type(error).__name__})"
                return _refused(error, for_good=for_good) or Unanswered(said, may_have_arrived=stood.is_set())
            except ValueError:  # of a host that no name system knows how to ask for
                return Unanswered(_NO_HOST, refused=True)

    def _connector(self, *, only_allowed: bool, checks: bool) -> aiohttp.TCPConnector:
        """One that `checks` every address; without that it goes to the proxy alone, whose duty the check is."""

        def checked(info: tuple[Any, Any, int, str, tuple[Any, ...]]) -> socket.socket:
            family, type_, protocol, _, place = info
            if checks and not may_be_asked(str(place[0]), self._allowed, only_allowed=only_allowed):
                raise NotAllowedToGoThere(only_allowed=only_allowed)
            made = socket.socket(family, type_, protocol)
            made.setblocking(False)
            return made

        return aiohttp.TCPConnector(
            resolver=self._resolver or ThreadedResolver(), use_dns_cache=False, socket_factory=checked, force_close=True
        )


def retry_after(value: str | None, now: datetime) -> float | None:
    """Seconds of a `Retry-After` header, which has a number or a date; None for anything else."""
    if value is None:
        return None
    if value.strip().isascii() and value.strip().isdigit():
        return float(min(int(value.strip()[:9]), _LONGEST_RETRY_S))
    try:
        seconds = (parsedate_to_datetime(value).astimezone(UTC) - now).total_seconds()
    except (ValueError, OverflowError):
        return None
    return min(max(0.0, seconds), _LONGEST_RETRY_S)


async def _first_bytes(answer: aiohttp.ClientResponse, most: int) -> bytes:
    read = bytearray()
    async for chunk in answer.content.iter_chunked(8 * 1024):
        read += chunk
        if len(read) >= most:
            break
    return bytes(read[:most])


def _refused(error: BaseException | None, *, for_good: bool) -> Unanswered | None:
    """The guard's refusal, which aiohttp may wrap in errors of its own."""
    met: set[int] = set()
    while error is not None and id(error) not in met:
        if isinstance(error, NotAllowedToGoThere):
            return Unanswered(str(error), refused=for_good)
        met.add(id(error))
        error = getattr(error, "os_error", None) or error.__cause__ or error.__context__
    return None


def _now() -> datetime:
    return datetime.now(UTC)
