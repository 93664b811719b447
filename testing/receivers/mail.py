"""A mail server that takes mail, refuses some of it, or is slow."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session


@dataclass
class MailReceiver:
    """How it answers, and what came."""

    port: int = 0
    refused: dict[str, str] = field(default_factory=dict)
    """Address -> the answer to it as a recipient, such as `550 no such user`."""
    sender_answer: str = "250 OK"
    data_answer: str = "250 OK"
    password: str | None = None
    """What it asks for after STARTTLS; None: no login."""
    slow: bool = False
    """It takes a message and never says so."""
    taken: list[Envelope] = field(default_factory=list)
    """What it took, with `mail_from`, `rcpt_tos` and `content`."""
    began: asyncio.Event = field(default_factory=asyncio.Event)
    """A message came whole."""

    async def handle_MAIL(  # noqa: N802 (aiosmtpd calls it so)
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """See aiosmtpd."""
        del server, session
        if self.sender_answer.startswith("250"):
            envelope.mail_from = address
            envelope.mail_options.extend(options)
        return self.sender_answer

    async def handle_RCPT(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """See aiosmtpd."""
        del server, session, options
        if address in self.refused:
            return self.refused[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        """See aiosmtpd."""
        del server, session
        self.began.set()
        if self.slow:
            await asyncio.Event().wait()
        if self.data_answer.startswith("250"):
            self.taken.append(envelope)
        return self.data_answer

    def logs_in(self, server: SMTP, session: Session, envelope: Envelope, mechanism: str, given: Any) -> AuthResult:
        """See aiosmtpd's authenticators."""
        del server, session, envelope, mechanism
        right = isinstance(given, LoginPassword) and given.password == (self.password or "").encode()
        return AuthResult(success=right, handled=False)


@asynccontextmanager
async def receiving_mail(
    receiver: MailReceiver, starttls: ssl.SSLContext | None = None, tls: ssl.SSLContext | None = None
) -> AsyncIterator[MailReceiver]:
    """The receiver on a free port of 127.0.0.1, which it names then."""
    loop = asyncio.get_running_loop()
    protocols: list[SMTP] = []

    def made() -> SMTP:
        protocols.append(
            SMTP(
                receiver,
                hostname="mail.example",
                loop=loop,
                tls_context=starttls,
                auth_required=receiver.password is not None,
                authenticator=receiver.logs_in,
            )
        )
        return protocols[-1]

    server = await loop.create_server(made, "127.0.0.1", 0, ssl=tls)
    receiver.port = server.sockets[0].getsockname()[1]
    try:
        yield receiver
    finally:
        server.close()
        for protocol in protocols:
            if protocol.transport is not None:
                protocol.transport.close()
        ending = [one._handler_coroutine for one in protocols if one._handler_coroutine is not None]  # noqa: SLF001 (it has no end of its own)
        for task in ending:
            task.cancel()
        await asyncio.gather(*ending, return_exceptions=True)
