"""The overlay: actions that were seen and have not been applied in order yet. It only hides or annotates.

An entry holds what the actions of an account since the applied position would leave in force. It counts while the
generation that is served has not applied its last action, so that who reads it needs no cleaning up to be right.
"""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

import orjson

from signal_engine.core.actions.action import AccountAction
from signal_engine.core.actions.in_force import NOTHING, InForce
from signal_engine.core.fit.acted import acted_on, actions_of, by_rule
from signal_engine.core.fit.icp import Fit
from signal_engine.engine.ports.store import Store
from signal_engine.wire.storage import actions as stored_actions
from signal_engine.wire.storage.actions import StoredActions
from signal_engine.wire.storage.documents import reading
from signal_engine.wire.topics import ACCOUNT_ACTIONS

Overlay = Mapping[str, InForce]
"""Account -> what its actions that are not applied yet would leave in force."""


class OverlayEntry(NamedTuple):
    """What was seen of one account."""

    offset: int
    """Of its last action that was seen."""
    in_force: InForce

    def then(self, offset: int, action: AccountAction, now: int) -> "OverlayEntry":
        """With one more action, recorded at `now` (ms)."""
        return OverlayEntry(offset, self.in_force.after(action, now, frozenset()))

    def encode(self) -> bytes:
        """As JSON in JSON."""
        return orjson.dumps([self.offset, stored_actions.encode(StoredActions(self.in_force)).decode()])

    @classmethod
    def decode(cls, value: bytes) -> "OverlayEntry":
        """From JSON. Raises `UnreadableDocument`."""
        with reading("the overlay of an account"):
            offset, stored = orjson.loads(value)
            return cls(int(offset), stored_actions.decode(stored.encode()).in_force)


UNSEEN = OverlayEntry(-1, NOTHING)


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


async def overlay_of(store: Store, partitions: Iterable[int], now: int) -> dict[str, InForce]:
    """What is to be hidden or annotated at `now` (ms) in the generation of `store`; raises `StoreTrouble`."""
    found: dict[str, InForce] = {}
    for number in partitions:
        if entries := await store.overlay(number):
            positions = (await store.positions(number)).topics
            applied = next((at for topic, at in positions.items() if topic.endswith(ACCOUNT_ACTIONS)), 0)
            for name, value in entries.items():
                entry = OverlayEntry.decode(value)
                left = entry.in_force.at(now)
                if entry.offset >= applied and left != NOTHING:
                    found[name] = left
    return found
