"""Whole batches, of whatever records, read and judged natively leave what they leave by Python alone: the store to the
last field, what is sent, what is logged, and where it goes on.
"""

import asyncio
import json
from collections.abc import Callable
from dataclasses import asdict
from functools import partial
from typing import Any, Final, NamedTuple
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench.live.loads import LOADS, events
from signal_engine.adapters.kafka.connecting.partitioning import partitioner
from signal_engine.adapters.kafka.records.plain_record import PlainRecord, new_record
from signal_engine.adapters.native.judge import NativeJudge
from signal_engine.adapters.native.walker import NativeWalker
from signal_engine.core.actions.action import AccountAction
from signal_engine.core.flow import ScoringContext
from signal_engine.core.rules.aliases import NO_ALIASES, Aliases
from signal_engine.core.rules.kinds import KINDS
from signal_engine.core.rules.policy import Policy
from signal_engine.engine.partition.ordinary.batch import OrdinaryBatch
from signal_engine.engine.partition.process_batch import process_batch
from signal_engine.engine.ports.fetched import Fetched
from signal_engine.wire.actions.record import write_action
from signal_engine.wire.instants import format_instant
from signal_engine.wire.storage import state
from tests.build import DAY, HOUR, T0, fit
from tests.engine.stand import TOPICS, Rec, Stand, fetch
from tests.native.both import read_by
from tests.native.test_judging import OWN, POLICIES, REQUIRED, SHIPPED
from tests.native.walking.record_batches import LOG_APPEND_TIME, NO_CODEC, Batch, packed
from tests.native.walking.record_batches import Rec as Stored

ALIASES: Final = Aliases.of({"acme.de": "acme.com", "beta.de": "beta.com"}, T0 + DAY)
COMPANIES: Final = (
    "acme.com", "acme.com", "acme.com", "beta.com", "beta.com", "gamma.com",
    "https://www.Acme.com/jobs", "acme.de", "acme.de", "beta.de", "gmail.com", "gmx.de", "xeno.com",
    "10.0.0.1", "m\u00fcnchen.de",
)  # fmt: skip
FITS: Final = (fit(account="acme.com"), fit("ignore", tier=None, account="beta.com"), fit(tier="B", account="gmx.de"))
HEADERS: Final = ((), (), (), (), [("trace", b"1")], [("backfill", b"")], [("origin.topic", b"?")])


class Read(NamedTuple):
    """A record of a topic."""

    topic: str
    record: Rec


@st.composite
def values(draw: st.DrawFn, kind: str, at: int) -> bytes:
    """An event as it is sent: mostly whole."""
    event: dict[str, Any] = {
        "event_id": draw(st.sampled_from([f"id {n}" for n in range(12)])),
        "account_id": draw(st.sampled_from(COMPANIES)),
        "occurred_at": format_instant(at - draw(st.sampled_from([0, -1_000, HOUR, DAY, 100 * DAY, -HOUR]))),
        "kind": draw(st.sampled_from([kind] * 9 + ["weather"])),
        "confidence": draw(st.sampled_from([1, 1, 0.5, 0.5, 0.3, 0, None, None, 7])),
        "source": draw(st.sampled_from(["a", "b\n", "caf\u00e9", None])),
        "source_url": draw(st.sampled_from(['https://x.com/?q="1"'] * 4 + ["nowhere", None])),
        "person_id": draw(st.sampled_from(["p-1", None])),
        "more": [{}],
    }
    for field, some in OWN[kind].items():
        if field in REQUIRED[kind] or draw(st.booleans()):
            event[field] = draw(some)
    if draw(st.integers(0, 20)) == 0:
        event["specversion"] = "1.0"
    whole = json.dumps({name: value for name, value in event.items() if value is not None}).encode()
    return whole if draw(st.integers(0, 15)) else whole[: draw(st.integers(0, len(whole)))]


@st.composite
def actions(draw: st.DrawFn, at: int) -> bytes:
    action = draw(st.sampled_from(("snooze", "mute", "claim", "kill")))
    ends = at + DAY if action != "kill" else None
    company = draw(st.sampled_from(("acme.com", "beta.com", "acme.de")))
    number = UUID(int=draw(st.integers(0, 5)))
    who = draw(st.sampled_from(("dana@example.com", "sam@example.com")))
    return write_action(AccountAction(company, str(number), action, at, who, "cli", until=ends))


@st.composite
def lives(draw: st.DrawFn) -> list[tuple[int, list[list[Read]]]]:
    """Batches, each with the instant at which it is processed and its fetches; of one instant come many."""
    now, ends, batches = T0, dict[str, int](), []
    for _ in range(draw(st.integers(1, 4))):
        now += draw(st.sampled_from([DAY, 0, 1_000, HOUR, 30 * DAY]))
        fetches = []
        for topic in draw(st.lists(st.sampled_from([*KINDS, "actions"]), min_size=1, max_size=3, unique=True)):
            records = []
            for _ in range(draw(st.integers(1, 6))):
                value = draw(actions(now) if topic == "actions" else values(topic, now))
                place = TOPICS.actions if topic == "actions" else TOPICS.signals[topic]
                ends[place] = ends.get(place, 0) + draw(st.sampled_from([1, 1, 2]))
                stamp, by = now + draw(st.sampled_from([0, 0, 0, -1, 5_000])), draw(st.sampled_from([1, 1, 0]))
                headers = draw(st.sampled_from(HEADERS))
                records.append(Read(place, Rec(ends[place], stamp, value, headers=headers, timestamp_type=by)))
            fetches.append(records)
        batches.append((now, fetches))
    return batches


Pack = Callable[[Fetched], Fetched]


async def lived(
    policy: Policy, aliases: Aliases, batches: list[tuple[int, list[list[Read]]]], pack: Pack = lambda fetched: fetched
) -> dict[str, Any]:
    """What they leave, their records as objects or as `pack` makes them."""
    stand, went_on = Stand(policy=policy), []
    stand.context.takes_actions, stand.context.aliases = True, aliases
    stand.context.inputs = (*stand.context.kinds, TOPICS.actions)
    await stand.fits(*FITS)
    partition = await stand.partition()
    for now, fetches in batches:
        stand.now = stand.context.aliases_read_at = now
        those = []
        for records in fetches:
            topic, start = records[0].topic, partition.at(records[0].topic)
            start = records[0].record.offset if start is None else start
            those.append(pack(fetch(*(one.record for one in records), topic=topic, start=start)))
        went_on.append(await process_batch(stand.context, partition, *those))
    left = asdict(stand.data())
    left["states"] = {name: _without_bounds(one) for name, one in left["states"].items()}
    return {**left, "sent": stand.producer.sent, "said": stand.event_log.lines, "went on": went_on}


def _without_bounds(stored: bytes) -> bytes:
    """They only say what need not be looked at."""
    account = state.decode(stored)
    account.upper_bound, account.upper_bound_stamp = 0.0, 0
    return state.encode(account)


@pytest.mark.parametrize("mode", ["auto", "check"])
@settings(max_examples=150, deadline=None)
@given(batches=lives(), by=st.sampled_from(range(len(POLICIES))), aliases=st.sampled_from([NO_ALIASES, ALIASES]))
def test_batches_leave_what_they_leave_by_python(
    native_module: Any, mode: str, batches: list[tuple[int, list[list[Read]]]], by: int, aliases: Aliases
) -> None:
    with read_by("off"):
        python = asyncio.run(lived(POLICIES[by], aliases, batches))
    with read_by(mode):
        native = asyncio.run(lived(POLICIES[by], aliases, batches))
        walked = asyncio.run(lived(POLICIES[by], aliases, batches, partial(without_objects, native_module)))
    for name, its in python.items():
        assert native[name] == its, name
        assert walked[name] == its, name


def without_objects(module: Any, fetched: Fetched, make_record: Callable[[Any], PlainRecord] = new_record) -> Fetched:
    """The same, as a broker's batches of a record each, walked natively; `make_record` makes what is looked at."""
    walker = NativeWalker(module)
    room = walker.room(make_record, None, 2**62)
    for one in fetched.records:
        stored = Stored(one.value, one.key, tuple(one.headers), one.timestamp - 1_000)
        raw = packed(NO_CODEC, Batch((stored,), flags=LOG_APPEND_TIME if one.timestamp_type else 0), one.offset)
        assert room.add(walker.batch(raw, 0, len(raw), None), 0) == one.offset
    return fetched._replace(records=room.taken())


async def test_records_become_objects_only_where_python_decides_them(native_module: Any) -> None:
    stand, looked_at = Stand(policy=SHIPPED), set[int]()
    await stand.fits(*FITS)
    partition = await stand.partition()
    whole = [one.value for one in events(LOADS["hot"], 3_000, 1, T0) if one.kind == "intent" and one.value[-1:] == b"}"]

    def make(fields: Any) -> PlainRecord:
        looked_at.add(fields[0])
        return new_record(fields)

    with read_by("auto"):
        for number in range(2):  # in the first, Python is asked what rules say of texts that nobody has seen
            looked_at.clear()
            others = ({"account_id": "acme.com", "event_id": f"{number} {n}"} for n in range(len(whole)))
            stored = [json.dumps(json.loads(one) | its).encode() for one, its in zip(whole, others, strict=True)]
            start = number * len(stored)
            fetched = fetch(*(Rec(start + n, T0, one) for n, one in enumerate([*stored[1:], b"{"])), start=start)
            await process_batch(stand.context, partition, without_objects(native_module, fetched, make))
    rejected = stand.data().counts["rejected"] // 2
    assert rejected > 0, "a batch with nothing to reject shows less"
    assert len(looked_at) <= rejected + 1 < 0.03 * len(whole)


def test_of_a_load_little_is_left_to_python(native_module: Any) -> None:
    batch = OrdinaryBatch(NativeJudge(native_module, ScoringContext(SHIPPED)), SHIPPED, many=True)
    made = list(events(LOADS["hot"], 3_000, 1, T0))
    left = 0
    for kind in KINDS:
        records = [Rec(number, T0, one.value) for number, one in enumerate(made) if one.kind == kind]
        rest = batch.take(kind, Fetched(kind, 0, 0, len(made), records), T0, partitioner(1), NO_ALIASES)
        left += len(rest.records)
    assert left < 0.03 * len(made)
