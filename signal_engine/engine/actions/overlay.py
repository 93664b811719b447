"""The overlay: actions that were seen and have not been applied in order yet. It only hides or annotates.

An entry holds what the actions of an account since the applied position would leave in force, and those actions. It
counts while its generation has not applied the last of them, so that who reads it needs no cleaning up to be right.
"""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

import orjson

from signal_engine.core.actions.in_force import NOTHING, InForce
from signal_engine.core.actions.log import IDS_KEPT, LoggedAction
from signal_engine.core.fit.acted import acted_on, actions_of, by_rule
from signal_engine.core.fit.icp import Fit
from signal_engine.engine.ports.store import Store
from signal_engine.wire.storage import actions as stored_actions
from signal_engine.wire.storage.actions import NO_ACTIONS, StoredActions
from signal_engine.wire.storage.documents import reading
from signal_engine.wire.topics import ACCOUNT_ACTIONS

Overlay = Mapping[str, InForce]
"""Account -> what its actions that are not applied yet would leave in force."""


class OverlayEntry(NamedTuple):
    """What was seen of one account."""

    offset: int
    """Of its last action that was seen."""
    seen: StoredActions
    """Its actions that were seen, as if there had been none before."""

    @property
    def in_force(self) -> InForce:
        """What they would leave in force."""
        return self.seen.in_force

    def then(self, offset: int, taken: LoggedAction) -> "OverlayEntry":
        """With one more action."""
        return OverlayEntry(offset, self.seen.after(taken))

    def encode(self) -> bytes:
        """As JSON in JSON."""
        return orjson.dumps([self.offset, stored_actions.encode(self.seen).decode()])

    @classmethod
    def decode(cls, value: bytes) -> "OverlayEntry":
        """From JSON. Raises `UnreadableDocument`."""
        with reading("the overlay of an account"):
            offset, stored = orjson.loads(value)
            return cls(int(offset), stored_actions.decode(stored.encode()))


UNSEEN = OverlayEntry(-1, NO_ACTIONS)


def both(has: InForce, over: InForce) -> InForce:
    """What is in force with `over` on top, which hides or claims; nothing that hides already ends by that."""
    hides = over.disposition is not None and over.disposition.hides
    return has._replace(
        kills={**has.kills, **over.kills},
        do_not_contact=over.do_not_contact or has.do_not_contact,
        snooze=over.snooze or has.snooze,
        disposition=over.disposition if hides else has.disposition,
        claim=over.claim or has.claim,
    )


def overlaid(name: str, fit: Fit | None, over: InForce) -> Fit | None:
    """The fit of account `name` with `over` on top."""
    return acted_on(name, by_rule(fit), both(actions_of(fit), over))


def stored_with(stored: bytes | None, over: InForce) -> bytes:
    """The stored actions of an account (`wire.storage.actions`) with `over` on top."""
    has = stored_actions.decode(stored)
    return stored_actions.encode(has._replace(in_force=both(has.in_force, over)))


def on_top(past: StoredActions, entry: OverlayEntry) -> StoredActions:
    """`past` once the actions of `entry` have been applied, as far as can be told before their turn."""
    after = past
    for taken in entry.seen.log.latest:
        after = after.after(taken)
    if len(entry.seen.log.ids) == len(entry.seen.log.latest):
        return after
    ids = tuple(dict.fromkeys((*past.log.ids, *entry.seen.log.ids)))[-IDS_KEPT:]  # more actions than an entry keeps
    return StoredActions(both(after.in_force, entry.in_force), after.log._replace(ids=ids))


async def applied_until(store: Store, number: int) -> int:
    """The position in the topic of account actions up to which a partition has applied it."""
    positions = (await store.positions(number)).topics
    return next((at for topic, at in positions.items() if topic.endswith(ACCOUNT_ACTIONS)), 0)


async def entries_of(store: Store, number: int) -> dict[str, OverlayEntry]:
    """The entries of a partition that count, by account; raises `StoreTrouble`."""
    if not (stored := await store.overlay(number)):
        return {}
    applied = await applied_until(store, number)
    read = {name: OverlayEntry.decode(value) for name, value in stored.items()}
    return {name: entry for name, entry in read.items() if entry.offset >= applied}


async def overlay_of(store: Store, partitions: Iterable[int], now: int) -> dict[str, InForce]:
    """What is to be hidden or annotated at `now` (ms) in the generation of `store`; raises `StoreTrouble`."""
    found: dict[str, InForce] = {}
    for number in partitions:
        for name, entry in (await entries_of(store, number)).items():
            if (left := entry.in_force.at(now)) != NOTHING:
                found[name] = left
    return found
