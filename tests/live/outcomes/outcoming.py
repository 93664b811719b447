"""Outcomes made into records, as a CRM would export them, and what the engine must keep of them."""

import json
import random
from collections.abc import Iterable, Sequence
from typing import Any

from signal_engine.adapters.kafka.connecting.partitioning import partitioner
from signal_engine.engine.ports.history import OUTCOMES_KEPT
from signal_engine.wire.instants import format_instant
from signal_engine.wire.storage import outcomes as stored_outcomes
from testing.records import ToProduce
from testing.topics import OUTCOMES
from tests.live.engine import Engine

DAY = 86_400_000
STAGES = ("opened", "meeting", "moved", "moved", "won", "lost", "reopened", "expanded")
REFUSED = (b"oops", None, b'{"outcome_id":"1"}')


def outcome(dice: random.Random, account: str, at: int, partitions: int) -> ToProduce:
    """A random outcome of an account at some time in the 90 days before `at` (ms)."""
    told: dict[str, Any] = {
        "outcome_id": f"o-{dice.getrandbits(64):x}",
        "account_id": account,
        "stage": dice.choice(STAGES),
        "at": format_instant(at - dice.randrange(90 * DAY)),
        "amount_usd": dice.randrange(100_000),
        "opportunity_id": f"d-{dice.randrange(5)}",
        "source": "crm",
    }
    value = json.dumps(told).encode()
    return ToProduce(OUTCOMES, partitioner(partitions)(account), account.encode(), value, told)


def outcomes_of(accounts: Sequence[str], many: int, at: int, dice: random.Random, partitions: int) -> list[ToProduce]:
    """`many` outcomes, some of them twice, and a few records that are none."""
    made = [outcome(dice, dice.choice(accounts), at, partitions) for _ in range(many)]
    doubled = [*made, *dice.sample(made, many // 10)]
    dice.shuffle(doubled)
    broken = [dice.choice(made)._replace(value=dice.choice(REFUSED), event=None) for _ in range(many // 50)]
    return [*doubled, *broken]


def must_be_kept(records: Iterable[ToProduce]) -> dict[str, list[str]]:
    """Account -> the ids of its outcomes, in order; worked out from the records alone."""
    found: dict[str, dict[str, tuple[str, str]]] = {}
    for record in records:
        if record.event is not None:
            told = record.event
            found.setdefault(told["account_id"], {}).setdefault(told["outcome_id"], (told["at"], told["outcome_id"]))
    return {account: [one for _, one in sorted(ids.values())][-OUTCOMES_KEPT:] for account, ids in found.items()}


async def kept_by(live: Engine) -> dict[str, list[str]]:
    """The same as the store has it."""
    found: dict[str, list[str]] = {}
    async with live.store() as store:
        for number in range(live.partitions):
            cursor, more = 0, True
            while more:
                cursor, values = await store.with_outcomes(number, cursor)
                for account, value in values.items():
                    found[account] = [one.outcome_id for one in stored_outcomes.decode(value)]
                more = bool(cursor)
    return found


async def all_kept(live: Engine, records: Iterable[ToProduce], within: float = 60) -> None:
    """Waits until the store has what it must have."""
    expected = must_be_kept(records)

    async def same() -> None:
        found = await kept_by(live)
        differ = [one for one in expected.keys() | found.keys() if expected.get(one) != found.get(one)]
        assert not differ, f"{len(differ)} of {len(expected)} accounts differ, such as {differ[:3]}"

    await live.holds(same, within)
