"""The ranks of past instants: those of every half-hour of the last two days, whatever zone a reader lives in.

The publisher takes them in its transactions, and readers ask what has changed since. A half-hour is taken at the first
poll at which all has been read up to it, as each midnight UTC is. An account with signals since then is taken as of the
last of them: a state does not tell its past.
"""

from typing import Final

from signal_engine.core.rules.instants import MINUTE
from signal_engine.engine.ports.store import Store
from signal_engine.engine.ports.transaction import PUBLISHER
from signal_engine.engine.ports.views import MAX_SNAPSHOTS, MIDNIGHT_RANKS, SNAPSHOT_INSTANTS, ViewName, rank_snapshot
from signal_engine.wire.storage import rank_snapshots
from signal_engine.wire.storage.rank_snapshots import RankSnapshot

_EVERY: Final = 30 * MINUTE
"""ms between two snapshots: the midnights of nearly all zones are at half-hours UTC."""
_KEPT_FOR: Final = MAX_SNAPSHOTS * _EVERY
"""Yesterday begins 49 hours ago at most, on the day after a clock went back."""


def snapshot_instant(at: int) -> int:
    """The last instant at or before `at` (ms) of which a snapshot is taken."""
    return at - at % _EVERY


class PastRanks:
    """The snapshots as one publisher knows them; `forget` when another one may have written."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._instants: list[int] | None = None
        self._midnight: RankSnapshot | None = None

    def forget(self) -> None:
        """Read again what there is."""
        self._instants = self._midnight = None

    async def has(self, instant: int) -> bool:
        """Whether there is a snapshot of an instant (ms), or it is too old for one beside the latest."""
        if self._instants is None:
            self._instants = await _instants(self._store)
        return instant in self._instants or instant <= max(self._instants, default=instant) - _KEPT_FOR

    async def of(self, midnight: int) -> RankSnapshot | None:
        """The snapshot of a midnight; None if there is none."""
        if self._midnight is None or self._midnight.at != midnight:
            self._midnight = await _read(self._store, midnight) if await self.has(midnight) else None
        return self._midnight

    def views(self, snapshot: RankSnapshot) -> dict[ViewName, bytes | None]:
        """What a transaction writes to keep a snapshot; others are overwritten once they are too old."""
        instants = sorted({*(self._instants or ()), snapshot.at})
        kept = [one for one in instants if one > instants[-1] - _KEPT_FOR]
        return {
            _place(snapshot.at): rank_snapshots.encode(snapshot),
            SNAPSHOT_INSTANTS: rank_snapshots.encode_instants(kept),
        }


async def ranks_since(store: Store, instant: int) -> RankSnapshot | None:
    """The last snapshot at or before `instant` (ms), or the first after it; None if there is none.

    Raises `StoreTrouble`.
    """
    instants = await _instants(store)
    before = [one for one in instants if one <= instant]
    if not instants:
        return None
    return await _read(store, max(before) if before else min(instants))


async def _instants(store: Store) -> list[int]:
    kept, midnight = await store.views(PUBLISHER, [SNAPSHOT_INSTANTS, MIDNIGHT_RANKS])
    if kept is not None:
        return rank_snapshots.decode_instants(kept)
    return [] if midnight is None else [rank_snapshots.decode(midnight).at]


async def _read(store: Store, instant: int) -> RankSnapshot | None:
    """The snapshot of an instant; None if a later one has taken its place meanwhile."""
    for view in await store.views(PUBLISHER, [_place(instant), MIDNIGHT_RANKS]):
        if view is not None and (found := rank_snapshots.decode(view)).at == instant:
            return found
    return None


def _place(instant: int) -> ViewName:
    return rank_snapshot(instant // _EVERY % MAX_SNAPSHOTS)
