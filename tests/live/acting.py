"""Account actions made into a feed, as people would act on the accounts of the real events."""

import json
import random
from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from signal_engine.adapters.kafka.connecting.partitioning import partitioner
from signal_engine.wire.instants import format_instant
from testing.records import ToProduce
from testing.topics import ACTIONS

DAY = 86_400_000
PEOPLE = ("dana@example.com", "sam@example.com", "kim@example.com")
STANDING = ("kill", "kill", "restore", "do_not_contact", "lift", "claim", "release", "assign", "mute")
"""Those that no signal ends, so that they leave the same whatever the order of arrival among the signals."""
ENDING = ("snooze", "disposition")
OUTCOMES = ("contacted", "not_now", "no_response", "not_a_fit")


def act(dice: random.Random, account: str, action: str, at: int, partitions: int) -> ToProduce:
    """An action of a random person at `at` (ms), as its record."""
    told: dict[str, Any] = {
        "action_id": str(UUID(int=dice.getrandbits(128))),
        "account_id": account,
        "action": action,
        "at": format_instant(at),
        "by": dice.choice(PEOPLE),
        "via": "cli",
    }
    if action == "disposition":
        told["outcome"] = dice.choice(OUTCOMES)
    if action in {"snooze", "claim", "mute"} or told.get("outcome") in OUTCOMES[1:]:
        told["until"] = format_instant(at + dice.choice((2, 9, 400)) * DAY)
    if action in {"kill", "restore"}:
        told["icp"] = dice.choice((None, "b2b", "grown-up"))
    if action == "assign":
        told["assignee"] = dice.choice(PEOPLE)
    value = json.dumps(told).encode()
    return ToProduce(ACTIONS, partitioner(partitions)(account), account.encode(), value, told, at)


def acts_on(accounts: Sequence[str], number: int, at: int, seed: int, partitions: int) -> list[ToProduce]:
    """`number` actions on those accounts now, one in twenty of them sent twice; the brokers' clock counts."""
    dice = random.Random(seed)
    made = [act(dice, dice.choice(accounts), dice.choice(STANDING), at, partitions) for _ in range(number)]
    return [one._replace(timestamp=None) for one in [*made, *dice.sample(made, max(1, number // 20))]]


def acts_among(events: Iterable[ToProduce], seed: int, partitions: int) -> list[ToProduce]:
    """One action for every five events, two minutes after an event of its account and never near another one: with one
    for every twenty, one seed of eight had none on which any alert depends.
    """
    dice = random.Random(seed)
    times: dict[str, list[int]] = {}
    for one in events:
        times.setdefault(one.key.decode(), []).append(one.timestamp or 0)
    made = []
    for account, its in times.items():
        for at in its:
            then = at + 120_000
            if dice.random() < 0.2 and all(abs(then - other) > 61_000 for other in its):
                made.append(act(dice, account, dice.choice((*STANDING, *ENDING, *ENDING)), then, partitions))
    return sorted(made, key=lambda one: one.timestamp or 0)
