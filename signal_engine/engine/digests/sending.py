"""One digest to one person at one destination: once, however many processes try, whenever one of them dies, and also
where Redis loses what it knew.

sending   written, and on disk, before anything is sent: nobody else sends it now
sent      the list in it is what the next digest is compared with
retry     to be tried again while it is not late; the next one is compared with the list before
failed, uncertain     not tried again; the same
"""

from collections.abc import Awaitable, Callable
from typing import Final, Literal, NamedTuple, Protocol
from uuid import UUID, uuid5

from signal_engine.core.delivery.digest import SendState, SentBefore, may_send
from signal_engine.core.delivery.outcomes import Attempt, AttemptEnd
from signal_engine.core.delivery.team import TeamMember
from signal_engine.engine.digests.record import record_since
from signal_engine.engine.digests.stopping import StoppedDigests
from signal_engine.engine.digests.telling import LastDigest
from signal_engine.engine.ports.delivery.sent_digests import SentDigests
from signal_engine.wire.config.yaml_files import ConfigurationError
from signal_engine.wire.instants import format_instant
from signal_engine.wire.messages.answers.unsubscribing import DigestsOf
from signal_engine.wire.messages.digest import DigestFacts
from signal_engine.wire.storage import sent_digests

_NAMESPACE: Final = UUID("6d1f0c37-2f0b-5a55-9a0e-2d0c6f0d7b61")
_STATES: Final[dict[AttemptEnd, SendState]] = {
    "sent": "sent",
    "retry": "retry",
    "uncertain": "uncertain",
    "failed": "failed",
    "disabled": "failed",
}


class DigestSender(Protocol):
    """One destination that reaches people. Attempts never raise for what a receiver does."""

    @property
    def idempotent(self) -> bool:
        """Whether a digest that is sent twice arrives once: its receiver knows it by its id."""

    async def send(self, facts: DigestFacts, delivery_id: str, member: TeamMember) -> Attempt:
        """One attempt, within a minute. Raises `ConfigurationError` for a secret that cannot be used."""


class DigestEnd(NamedTuple):
    """What became of one digest."""

    end: Literal["sent", "retry", "failed", "uncertain", "skipped", "stopped"]
    """`skipped`: it was sent, or somebody else is at it. `stopped`: the person wants none."""
    said: str = ""
    """In words: what the receiver answered."""


_SKIPPED: Final = DigestEnd("skipped")
_UNCERTAIN: Final = DigestEnd("uncertain", "whoever sent it never came back, and nobody can say whether it arrived")
_NOT_ON_DISK: Final = DigestEnd("retry", "Redis does not get its data onto disk: without that nothing is sent")


def row_name(member: TeamMember, destination: str) -> str:
    """The name of what is kept of a person's digests at a destination."""
    return f"{member.email}:{destination}"


def last_of(kept: SentBefore | None) -> LastDigest | None:
    """The list that counts as read; None where none was sent yet."""
    return None if kept is None or kept.at is None else LastDigest(kept.at, kept.accounts)


def _lost(since: int) -> DigestEnd:
    said = f"it was due before {format_instant(since)}, from when on Redis knows what was sent: it may have arrived"
    return DigestEnd("uncertain", said)


async def send_once(
    rows: SentDigests,
    stopped: StoppedDigests,
    sender: DigestSender,
    member: TeamMember,
    destination: str,
    due: int,
    clock: Callable[[], int],
    facts_since: Callable[[LastDigest | None], Awaitable[DigestFacts]],
    reached: Callable[[str], None] = lambda _: None,
) -> DigestEnd:
    """Send the digest that was due at `due` (ms), unless that was done. `clock` tells ms.

    `facts_since` makes it, given what the person was last sent. Raises `StoreTrouble`, and what `facts_since` raises:
    then nothing was sent, unless the row says `sending`; nor is anything where nobody can say who unsubscribed, and
    what `stopped` raises is raised. `reached` is called at every named step, where the fault
    harness kills.
    """
    since = await stopped.stopped_at(DigestsOf(member.email, destination))
    if since is not None:
        return DigestEnd("stopped", f"unsubscribed on {format_instant(since)[:10]}")
    name = row_name(member, destination)
    stored = await rows.read(name)
    kept = None if stored is None else sent_digests.decode(stored)
    now = clock()
    record = await record_since(rows, now)
    step = may_send(kept, due, now, idempotent=sender.idempotent, since=record.at)
    at, accounts = (None, ()) if kept is None else (kept.at, kept.accounts)
    if step == "skip":
        return _SKIPPED
    if step == "uncertain":
        ended = SentBefore(due, "uncertain", now, at, accounts)
        if not await rows.replace(name, stored, sent_digests.encode(ended)):
            return _SKIPPED
        return _UNCERTAIN if kept is not None else _lost(record.at)
    facts = await facts_since(last_of(kept))
    now = clock()  # to make it may have taken longer than others wait for whoever sends
    reached("before_digest_claim")
    sending = sent_digests.encode(SentBefore(due, "sending", now, at, accounts))
    if not await rows.replace(name, stored, sending):
        return _SKIPPED
    if await rows.on_disk() is False:  # a server that dies now forgets that anything is being sent
        await rows.replace(name, sending, sent_digests.encode(SentBefore(due, "retry", now, at, accounts)))
        return _NOT_ON_DISK
    reached("before_digest_send")
    try:
        attempt = await sender.send(facts, str(uuid5(_NAMESPACE, f"{name}:{due}")), member)
    except ConfigurationError as error:  # nothing was sent, and somebody may mend the file within the hour
        attempt = Attempt("retry", "; ".join(error.messages()))
    reached("after_digest_send")
    state = _STATES[attempt.end]
    ended = SentBefore(due, state, now, at, accounts)
    if state == "sent":
        ended = SentBefore(due, state, now, facts.at, tuple(line.account for line in facts.listed))
    await rows.replace(name, sending, sent_digests.encode(ended))
    reached("after_digest_note")
    return DigestEnd("failed" if state == "sending" else state, attempt.said)
