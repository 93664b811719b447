"""The overlay only hides or annotates, and counts until its actions have had their turn."""

from typing import Any
from uuid import UUID

import pytest

from signal_engine.core.actions.action import AccountAction, ActionName
from signal_engine.core.actions.in_force import NOTHING, InForce, StandingAction
from signal_engine.core.actions.log import IDS_KEPT, LATEST_KEPT, LoggedAction
from signal_engine.core.fit.acted import acted_on, actions_of
from signal_engine.core.fit.eligibility import unalerted_reason
from signal_engine.engine.actions.overlay import UNSEEN, OverlayEntry, on_top, overlaid, overlay_of
from signal_engine.engine.door.past_actions import fold
from signal_engine.engine.ports.transaction import TopicRead, Transaction
from tests.build import ACME, DAY, T0, fit, policy
from tests.engine.stand import TOPICS, Stand

BY = "dana@example.com"
RULES = policy()
ONE = StandingAction(BY, T0)


def act(action: ActionName, number: int = 1, **more: Any) -> AccountAction:
    return AccountAction(ACME, str(UUID(int=number)), action, T0, BY, "cli", **more)


KILL, RESTORE, CLAIM = act("kill", 1), act("restore", 2), act("claim", 3, until=T0 + DAY)


@pytest.mark.parametrize(
    ("stored", "over", "reason"),
    [
        (NOTHING, InForce(kills={"": ONE}), "killed"),
        (NOTHING, InForce(kills={"saas": ONE}), "killed"),
        (NOTHING, InForce(do_not_contact=ONE), "do_not_contact"),
        (NOTHING, InForce(snooze=ONE), "snoozed"),
        (NOTHING, InForce(disposition=StandingAction(BY, T0, outcome="not_now")), "disposition"),
        (NOTHING, InForce(claim=ONE), None),
        # what hides it already stays, whatever was seen
        (InForce(kills={"": ONE}), InForce(claim=ONE), "killed"),
        (
            InForce(disposition=StandingAction(BY, T0, outcome="not_now")),
            InForce(disposition=StandingAction(BY, T0, outcome="contacted")),
            "disposition",
        ),
    ],
)
def test_what_is_seen_hides_and_never_shows(stored: InForce, over: InForce, reason: str | None) -> None:
    who = overlaid(ACME, acted_on(ACME, fit(), stored), over)
    assert unalerted_reason(who, RULES) == reason


def test_a_claim_that_is_seen_annotates() -> None:
    assert actions_of(overlaid(ACME, fit(), InForce(claim=ONE))).claim == ONE


def test_an_entry_folds_what_was_seen_and_survives_being_written() -> None:
    entry = UNSEEN.then(4, LoggedAction(T0, KILL)).then(6, LoggedAction(T0 + 1, CLAIM))
    assert (entry.offset, entry.in_force.hidden) == (6, "killed")
    assert entry.in_force.claim is not None
    assert OverlayEntry.decode(entry.encode()) == entry
    assert entry.then(7, LoggedAction(T0 + 2, RESTORE)).in_force.hidden is None


async def test_an_entry_counts_until_its_last_action_has_been_applied_or_has_ended() -> None:
    stand = Stand()
    entry = UNSEEN.then(4, LoggedAction(T0, KILL)).then(6, LoggedAction(T0 + 1, CLAIM))
    await stand.memory.put_overlay(0, {ACME: entry.encode()})

    async def seen(now: int = T0 + 2) -> dict[str, InForce]:
        return await overlay_of(stand.memory, [0, 1], now)

    assert await seen() == {ACME: entry.in_force}
    assert (await seen(T0 + DAY))[ACME].claim is None
    await stand.memory.apply(Transaction(partition=0, counter=0, reads=[TopicRead(TOPICS.actions, 0, 6)]))
    assert await seen() == {ACME: entry.in_force}
    await stand.memory.apply(Transaction(partition=0, counter=1, reads=[TopicRead(TOPICS.actions, 6, 7)]))
    assert await seen() == {}


def test_on_top_of_what_was_applied_an_entry_is_what_the_engine_will_make_of_it() -> None:
    applied, seen = LoggedAction(T0, KILL), [LoggedAction(T0 + 1, RESTORE), LoggedAction(T0 + 2, CLAIM)]
    entry = UNSEEN.then(5, seen[0]).then(6, seen[1])
    assert on_top(fold([applied]), entry) == fold([applied, *seen])
    assert on_top(fold([applied, seen[0]]), entry) == fold([applied, *seen]), "what has been applied counts once"


def test_of_more_actions_than_an_entry_keeps_what_hides_and_every_id_is_known() -> None:
    many = [LoggedAction(T0 + 1, act("do_not_contact", 9))]
    many += [LoggedAction(T0 + one, act("assign", one, assignee=BY)) for one in range(10, 11 + LATEST_KEPT)]
    entry = UNSEEN
    for offset, taken in enumerate(many):
        entry = entry.then(offset, taken)
    past = on_top(fold([LoggedAction(T0, CLAIM)]), entry)
    assert past == fold([LoggedAction(T0, CLAIM), *many])
    assert past.in_force.hidden == "do_not_contact"
    assert past.log.ids[:2] == (CLAIM.action_id, many[0].action.action_id)
    assert len(past.log.ids) < IDS_KEPT


def test_an_entry_of_an_owner_that_kept_no_ids_is_read() -> None:
    entry = OverlayEntry.decode(b'[4,"[{},null,null,null,null,null,[],[]]"]')
    assert entry == (4, UNSEEN.seen)
