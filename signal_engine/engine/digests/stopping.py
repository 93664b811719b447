"""Who wants no digests at a destination: a row beside those of what was sent, and a record that outlives the store.

Nobody may get digests again because Redis was lost. So before the first look at a row after a loss, rows are made anew
from the record: a row of its own says that this was done.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

import orjson

from signal_engine.core.errors import SignalEngineError
from signal_engine.engine.ports.delivery.sent_digests import SentDigests
from signal_engine.engine.ports.delivery.stopped_log import StoppedLog
from signal_engine.wire.messages.answers.unsubscribing import DigestsOf
from signal_engine.wire.storage.documents import MEND_DIGESTS, reading

_VERSION: Final = 1
_ATTEMPTS: Final = 5
"""Writes of one change while somebody else changes the row."""
_RESTORED: Final = "stopped"
"""The row without which rows may be missing."""


@dataclass(frozen=True, slots=True)
class StoppedDigests:
    """Whose digests are stopped. Every method raises `StoreTrouble`; those that need the record, what it does."""

    rows: SentDigests
    log: StoppedLog

    async def known(self, of: DigestsOf) -> int | None:
        """When (ms) they stopped them, as far as rows say; after a loss of Redis they may say too little."""
        return _read(await self.rows.read(_name(of)))

    async def stopped_at(self, of: DigestsOf) -> int | None:
        """When (ms) they stopped them; None: they get them. Needs the record where rows may be missing."""
        await self.complete()
        return await self.known(of)

    async def stop(self, of: DigestsOf, now: int) -> str | None:
        """Stop them at `now` (ms), which holds at once; None, or why the record does not have it."""
        since = await self._change(of, now) or now
        try:
            await self.log.write(of, since)
        except SignalEngineError as error:
            return "; ".join(error.messages())
        return None

    async def resume(self, of: DigestsOf) -> bool:
        """Turn them on again; whether they were stopped. Nothing has changed where the record could not be written."""
        if await self.stopped_at(of) is None:
            return False
        await self.log.write(of, None)
        await self._change(of, None)
        return True

    async def complete(self) -> int:
        """Make rows anew where Redis lost them; how many people and destinations that stops again."""
        return 0 if await self.rows.read(_RESTORED) is not None else await self.restore()

    async def restore(self, of_rows: Iterable[DigestsOf] = ()) -> int:
        """Make rows that are missing from the record, and record what only the rows of `of_rows` say; how many rows.

        A row that says something stays: whoever changes it writes the record, too.
        """
        kept, made = await self.log.read(), 0
        for of, at in kept.items():
            if at is not None and await self.rows.replace(_name(of), None, _row(at)):
                made += 1
        for of in of_rows:
            at = None if _same(of) in kept else await self.known(of)
            if at is not None:
                await self.log.write(of, at)
        await self.rows.replace(_RESTORED, None, orjson.dumps({"v": _VERSION}))
        return made

    async def _change(self, of: DigestsOf, at: int | None) -> int | None:
        """Since when they are stopped afterwards: stopping what is stopped changes nothing."""
        for _ in range(_ATTEMPTS):
            stored = await self.rows.read(_name(of))
            was = _read(stored)
            if (was is None) == (at is None):
                return was
            if await self.rows.replace(_name(of), stored, _row(at)):
                return at
        return await self.known(of)


def _read(stored: bytes | None) -> int | None:
    with reading("whether somebody wants no digests", MEND_DIGESTS):
        at: int | None = None if stored is None else orjson.loads(stored)["stopped_at"]
    return at


def _row(at: int | None) -> bytes:
    return orjson.dumps({"v": _VERSION, "stopped_at": at})


def _same(of: DigestsOf) -> DigestsOf:
    return of._replace(email=of.email.lower())


def _name(of: DigestsOf) -> str:
    return f"stopped:{of.email.lower()}:{of.destination}"
