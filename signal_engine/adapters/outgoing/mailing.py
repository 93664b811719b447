"""E-mail: one message to one mail server by SMTP, checked where it connects, and within a deadline."""

import asyncio
import socket
import ssl
from collections.abc import Sequence
from email.message import EmailMessage
from typing import Final, Literal, NamedTuple

import aiosmtplib
from aiohttp.abc import AbstractResolver
from aiohttp.resolver import ThreadedResolver

from signal_engine.adapters.outgoing.addresses import (
    Network,
    NotAllowedToGoThere,
    is_written_address,
    may_be_asked,
)
from signal_engine.core.delivery.outcomes import Attempt, MailStep, by_mail_code

_TIMEOUT_S: Final = 30.0
"""Seconds for everything: name, connection, TLS, login, message. Mail servers greet strangers slowly on purpose."""
_GOODBYE_S: Final = 2.0
"""Seconds for the end of a conversation whose message was taken."""


class MailServer(NamedTuple):
    """Where mail is handed in."""

    host: str
    port: int
    tls: Literal["starttls", "tls", "none"]
    """`none`: to networks of one's own alone."""
    user: str = ""
    """Empty: no login."""
    password: str = ""
    cafile: str = ""
    """Empty: the system's CAs."""


class Mailer:
    """Hands mail to one server, each message over a connection of its own."""

    def __init__(
        self,
        server: MailServer,
        allowed: Sequence[Network] = (),
        resolver: AbstractResolver | None = None,
        timeout_s: float = _TIMEOUT_S,
    ) -> None:
        """Raises OSError where the file of CAs cannot be used."""
        self._server = server
        self._allowed = tuple(allowed)
        self._resolver = resolver
        self._timeout_s = timeout_s
        self._trust = ssl.create_default_context(cafile=server.cafile or None)

    async def send(self, message: EmailMessage) -> Attempt:
        """One attempt. That a server took a message does not mean that a person gets it.

        What is not known to be taken ends in `retry`: the `Message-ID` is the same then.
        """
        try:
            async with asyncio.timeout(self._timeout_s):
                return await self._send(message)
        except NotAllowedToGoThere as error:
            return Attempt("failed" if is_written_address(self._server.host) else "retry", str(error))
        except TimeoutError:  # also aiosmtplib's own
            return Attempt("retry", f"the mail server did not answer within {self._timeout_s:g} seconds")
        except ssl.SSLCertVerificationError:
            return Attempt("retry", "the mail server's certificate is not valid")
        except (aiosmtplib.SMTPException, OSError) as error:
            return _not_sent(error)
        except ValueError:  # of an address that would be more than an address on the wire
            return Attempt("failed", "an address cannot be written to a mail server")

    async def _send(self, message: EmailMessage) -> Attempt:
        server = self._server
        client = aiosmtplib.SMTP(
            hostname=server.host,
            sock=await self._connected(),
            timeout=self._timeout_s,
            local_hostname=_own_name(message),
            use_tls=server.tls == "tls",
            start_tls=server.tls == "starttls",
            tls_context=self._trust,
        )
        await client.connect()
        try:
            if server.user:
                await client.login(server.user, server.password)
            refused, _ = await client.send_message(message)
        except BaseException:
            client.close()
            raise
        await _say_goodbye(client)
        return _taken(len(refused), _addresses(message))

    async def _connected(self) -> socket.socket:
        """A connection to the first of the server's addresses that may be gone to and answers. Raises OSError."""
        server, only_allowed = self._server, self._server.tls == "none"
        places = await (self._resolver or ThreadedResolver()).resolve(server.host, server.port, socket.AF_UNSPEC)
        refusal: OSError = NotAllowedToGoThere(only_allowed=only_allowed)
        for place in places:
            if not may_be_asked(place["host"], self._allowed, only_allowed=only_allowed):
                continue
            made = socket.socket(place["family"], socket.SOCK_STREAM)
            made.setblocking(False)
            try:
                await asyncio.get_running_loop().sock_connect(made, (place["host"], server.port))
            except OSError as error:
                made.close()
                refusal = error
            except BaseException:
                made.close()
                raise
            else:
                return made
        raise refusal


def _own_name(message: EmailMessage) -> str:
    """What we call ourselves: the sender's domain, which says nothing of the machine."""
    domain = str(message["From"].addresses[0].domain)
    try:
        return domain.encode("idna").decode()
    except UnicodeError:
        return "localhost"


def _addresses(message: EmailMessage) -> int:
    return len(message["To"].addresses)


def _taken(refused: int, addresses: int) -> Attempt:
    if not refused:
        return Attempt("sent", "the mail server took it")
    return Attempt("sent", f"the mail server took it for {addresses - refused} of {addresses} addresses")


async def _say_goodbye(client: aiosmtplib.SMTP) -> None:
    """The message is taken: that the server ends badly is no reason to send it again."""
    try:
        await client.quit(timeout=_GOODBYE_S)
    except (aiosmtplib.SMTPException, OSError):
        pass
    finally:
        client.close()


def _not_sent(error: Exception) -> Attempt:
    if isinstance(error, aiosmtplib.SMTPRecipientsRefused):
        codes = [one.code for one in error.recipients]
        return by_mail_code(next((code for code in codes if code < 500), codes[0]), "every address")
    if isinstance(error, aiosmtplib.SMTPResponseException):
        return by_mail_code(error.code, _refused(error))
    if isinstance(error, aiosmtplib.SMTPNotSupported):
        return Attempt("failed", "the mail server does not support what this needs: login, or addresses beyond ASCII")
    if isinstance(error.__cause__, ssl.SSLCertVerificationError):
        return Attempt("retry", "the mail server's certificate is not valid")
    if type(error) is aiosmtplib.SMTPException:  # its word for an extension that the server does not offer
        return Attempt("retry", "the mail server does not offer the encryption or the login that the settings ask for")
    return Attempt("retry", f"the mail server cannot be reached ({type(error).__name__})")


def _refused(error: aiosmtplib.SMTPResponseException) -> MailStep:
    if isinstance(error, aiosmtplib.SMTPAuthenticationError):
        return "the login"
    if isinstance(error, aiosmtplib.SMTPSenderRefused):
        return "the sender"
    if isinstance(error, (aiosmtplib.SMTPConnectResponseError, aiosmtplib.SMTPHeloError)):
        return "the connection"
    return "the message"
