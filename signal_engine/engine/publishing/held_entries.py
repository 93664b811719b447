"""What a control group keeps off the lists, for administrators: served beside each list, and in no topic.

A list as it is published has no trace of it: its ranks close up, and others fill its end.
"""

from collections.abc import Callable, Sequence

import orjson

from signal_engine.core.delivery.holdback import Holdback
from signal_engine.core.fit.ranking import Candidate
from signal_engine.engine.context.engine_context import EngineContext
from signal_engine.engine.ports.controls import CONTROL_GROUP, held_list
from signal_engine.engine.publishing.top_n import RankedAccount, Top
from signal_engine.wire.output import entries, lists
from signal_engine.wire.output.models import HeldEntry
from signal_engine.wire.storage.in_force import encode_group


class HeldEntries:
    """Serves the held back accounts of each list to whoever may see them."""

    def __init__(self, context: EngineContext, partitions: Sequence[int], top: Top) -> None:
        self._context = context
        self._partitions = partitions
        self._top = top
        self._served: dict[str, list[HeldEntry]] = {}
        """List -> what was served last."""

    async def of(self, name: str, at: int, *, whole: bool = False) -> list[RankedAccount]:
        """List `name` at `at` (ms), by rank; without who is held back then, unless it is to be `whole`."""
        leaves_out = None if whole or not self._context.control_group.is_drawn(at) else self._held_at(at)
        rules = self._context.rules.scoring_context
        return await self._top.of(name, self._partitions, at, rules, leaves_out=leaves_out)

    async def agree(self) -> None:
        """Leave the control group for all who read: they have no other."""
        controls, mine = self._context.bare.controls, encode_group(self._context.control_group)
        stored = await controls.read(CONTROL_GROUP)
        if stored != mine and (stored is not None or self._context.control_group.draws):
            await controls.replace(CONTROL_GROUP, stored, mine)

    async def serve(self, name: str, listed: Sequence[RankedAccount] | None, now: int) -> None:
        """Serve who of list `name` is held back at `now` (ms); `listed` are the others, None of a list that is gone.

        As a list is published: when more has changed than numbers that decay. Where nobody is, nothing is served.
        """
        found: list[HeldEntry] = []
        if listed is not None and self._context.control_group.is_drawn(now):
            found = self._entries(await self.of(name, now, whole=True), {one.account for one in listed}, now)
        before = self._served.get(name)
        if before is not None and len(before) == len(found) and not any(map(lists.differs, before, found)):
            return
        controls, its = self._context.bare.controls, held_list(name)
        (version,) = await controls.versions([its])
        if found:
            await controls.serve(its, max(version + 1, now), orjson.dumps(found))
        elif version:
            await controls.retire(its, max(version + 1, now))
        self._served[name] = found

    def _entries(self, places: Sequence[RankedAccount], listed: set[str], now: int) -> list[HeldEntry]:
        """Each where it would stand if it alone were let in: the ranks of the others are those that people see."""
        found, rank = list[HeldEntry](), 1
        for place in places:
            draw = self._draw(place.ordered.candidate, now)
            if draw is None or place.account in listed:
                rank += 1
                continue
            entry = entries.brief(entries.entry(place.ordered, rank, None, place.snapshot, place.fit))
            found.append(entries.held_entry(entry, draw))
        return found

    def _held_at(self, at: int) -> Callable[[Candidate], bool]:
        return lambda candidate: self._draw(candidate, at) is not None

    def _draw(self, candidate: Candidate, at: int) -> Holdback | None:
        return self._context.control_group.holds(candidate.account, at, pinned=candidate.pinned_until is not None)
