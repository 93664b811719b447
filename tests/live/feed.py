"""Real events made into a feed: moved in time, doubled, broken, put on partitions as different producers would."""

import json
import random
import zlib
from collections.abc import Callable, Iterable
from typing import Any

from signal_engine.adapters.kafka.connecting.partitioning import partitioner
from signal_engine.wire.events.account_names import NotAnAccount, normalise
from signal_engine.wire.instants import format_instant, parse_instant
from testing.records import ToProduce
from tests.replay.real_data import lines

DAY = 86_400_000


def real_events(now: int, span_days: float, most: int, seed: int) -> list[dict[str, Any]]:
    """Up to `most` of the real events, by time; those of each kind moved and drawn together so that they span
    `span_days` and the last of them is now."""
    events = [json.loads(line) for line in lines()]
    events = random.Random(seed).sample(events, min(most, len(events)))
    by_kind: dict[str, list[dict[str, Any]]] = {}
    for event in events:
        by_kind.setdefault(event["kind"], []).append(event)
    for same in by_kind.values():
        times = [parse_instant(event["occurred_at"]) for event in same]
        factor = span_days * DAY / max(1, max(times) - min(times))
        for event, at in zip(same, times, strict=True):
            event["occurred_at"] = format_instant(now - round((max(times) - at) * factor))
    return sorted(events, key=lambda event: (event["occurred_at"], event["event_id"]))


def spoilt(events: list[dict[str, Any]], seed: int, partitions: int) -> list[ToProduce]:
    """Shuffled, a fifth doubled, one in fifty broken, half of them on the partition that librdkafka would choose."""
    dice = random.Random(seed)
    feed = [*events, *dice.sample(events, len(events) // 5)]
    dice.shuffle(feed)
    ways: list[Callable[[str], int]] = [partitioner(partitions), lambda key: zlib.crc32(key.encode()) % partitions]
    made = []
    for number, event in enumerate(feed):
        value, result = json.dumps(event).encode(), event
        if number % 50 == 49:
            value, result = _broken(value, event, dice), None
        account = normalise(event["account_id"])
        key = event["account_id"] if isinstance(account, NotAnAccount) else account
        made.append(ToProduce(event["kind"], dice.choice(ways)(key), key.encode(), value, result))
    return made


def _broken(value: bytes, event: dict[str, Any], dice: random.Random) -> bytes | None:
    def changed(**fields: Any) -> bytes:
        return json.dumps({**event, **fields}).encode()

    return dice.choice(
        [
            value[: len(value) // 2],
            None,
            b"\xff\xfe" + value,
            value.replace(b'"confidence"', b'"confidence": NaN, "was"') + b"x",
            changed(occurred_at=1767225600),
            changed(occurred_at="2990-01-01T00:00:00Z"),
            changed(account_id="10.1.2.3"),
            changed(account_id="gmail.com"),
            changed(event_id=""),
            changed(kind="weather"),
            changed(padding="x" * 70_000),
        ]
    )


def one_topic_an_account(events: Iterable[dict[str, Any]], partitions: int) -> list[ToProduce]:
    """Events whose order of arrival is determined: right keys, in order of time, each account on one topic only."""
    partition_of = partitioner(partitions)
    kinds: dict[str, str] = {}
    made = []
    for event in events:
        account = normalise(event["account_id"])
        if isinstance(account, NotAnAccount) or kinds.setdefault(account, event["kind"]) != event["kind"]:
            continue
        at = parse_instant(event["occurred_at"])
        made.append(
            ToProduce(event["kind"], partition_of(account), account.encode(), json.dumps(event).encode(), event, at)
        )
    return sorted(made, key=lambda one: (one.timestamp, one.event["event_id"] if one.event else ""))
