"""The judge: `replay` of the records that are in the signal topics, with `received_at` = their timestamps.

Scores and order of the lists, always. Levels, the set of alerts and every count too, where the order of arrival is
determined, as it is for feeds whose accounts are on one topic each. Nothing here asks the engine what it thinks.
"""

import asyncio
import gc
import json
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple

import orjson
from aiokafka import AIOKafkaConsumer, TopicPartition

from faults.harness.differences import first_difference
from faults.harness.feeding import records
from faults.harness.stage import Stage
from faults.scenario import Verdict
from signal_engine.adapters.files.action_files import ActionFile
from signal_engine.entrypoints.commands.replay_run import ReplayRun, json_document
from signal_engine.entrypoints.wiring.inputs import read_inputs
from signal_engine.wire.instants import format_instant, parse_instant
from testing.engine import OUTCOMES
from testing.topics import KINDS
from tests.live.judging import same_levels, same_order_and_scores

AGREES_WITHIN: Final = 30.0
"""Seconds for what has been applied to be published, and for alerts to be on disk and sent."""
_COMPARED: Final = ("type", "at", "account_id", "level", "previous_level", "episode", "kinds_live", "why_now")
_SHOWN: Final = 5
FORGED: Final = "forged"
"""The header of records that say that they are copies, and are not."""
_MOVES: Final = 0.1201
"""Points by which the score of a list that is in force may have moved; two roundings included."""

Document = dict[str, Any]


class Sent(NamedTuple):
    """What is in the signal topics."""

    records: list[Any]
    """Without those that the engine itself sent on."""
    events: list[Document]
    """Lines for a replay."""
    garbage: int
    """Records that are no JSON objects with an account: a replay is not asked about them."""

    @property
    def last(self) -> int:
        """The newest timestamp (ms)."""
        return max((record.timestamp for record in self.records), default=0)


class Judge:
    """Compares one engine with the replay of its topics, once all of them have been applied."""

    def __init__(
        self,
        stage: Stage,
        *,
        levels: bool = True,
        alerts: bool = True,
        counts: bool = True,
        accounts: Path | None = None,
        scoring: Path | None = None,
        within: float = 120.0,
        before: Sequence[Any] = (),
        alerts_from: int = 0,
        empty: bool = False,
    ) -> None:
        """`accounts`, `scoring`: the files in force at the end; `before`: records that the topics do not hold any
        more; `alerts_from`: alerts decided before (ms) were not to be sent; `empty`: lists may be empty by now;
        `within`: seconds for the engine to catch up."""
        self._stage = stage
        self._levels, self._alerts, self._counts = levels, alerts, counts
        self._accounts = accounts or stage.market.accounts
        self._scoring = scoring or stage.market.scoring
        self._within = within
        self._before = before
        self._alerts_from, self._empty = alerts_from, empty

    async def verdict(self) -> Verdict:
        """What it is like. Raises AssertionError when the engine does not even catch up."""
        stage = self._stage
        await stage.caught_up(self._within)
        nudged = await self._nudge(await self.sent())
        await stage.caught_up()
        sent = await self.sent()
        read_until = max(sent.last, int(time.time() * 1000)) if stage.create_time else sent.last
        await stage.complete(read_until, within=60)
        judged = self.replayed(sent, format_instant(read_until))
        differs = await self._settled(lambda: self._compare_lists(sent, nudged))
        lost, doubled, repeats = 0, 0, 0
        if self._counts:
            short, long, others = _count(await stage.counts(), judged["counts"], sent.garbage)
            lost, doubled, differs = short, long, differs + others
        if self._alerts:
            missing: set[str] = set()
            extra, repeats, others = 0, 0, []

            expected = [a for a in judged["alerts"] if parse_instant(a["at"]) >= self._alerts_from]

            async def compare() -> list[str]:
                nonlocal missing, extra, repeats, others
                missing, extra, repeats, others = _compare_alerts(await self.read("alerts"), expected, read_until)
                return [*missing, *others]

            await self._settled(compare)
            differs += [f"alert missing: {name}" for name in list(missing)[:_SHOWN]] + others[:_SHOWN]
            lost, doubled = lost + len(missing), doubled + extra
        return Verdict(len(sent.records), lost, doubled, repeats, tuple(differs[:_SHOWN]))

    async def _nudge(self, sent: Sent) -> dict[str, int]:
        """Sends the strongest event of each list's first account again, as a new one of now: a list is not told anew
        for what moves a score by less than 0.1, and the list that shows this shows everything before it.

        List -> from when on (ms) it must have been told.
        """
        events, now, nudges = {event["event_id"]: event for event in sent.events}, int(time.time() * 1000), []
        lists = {name: await self._stage.list(name) for name in self._stage.market.lists}
        first = {name: one["entries"][0] for name, one in lists.items() if one is not None and one["entries"]}
        for account in {entry["account_id"]: entry for entry in first.values()}.values():
            strongest = next(part["evidence"][0] for part in account["parts"] if part.get("evidence"))
            event = {k: v for k, v in events[strongest["event_id"]].items() if k != "received_at"}
            name = f"~{now}-{event['account_id']}"
            nudges.append({**event, "event_id": name, "occurred_at": format_instant(now)})
        timestamp = now if self._stage.create_time else None
        made = [one._replace(timestamp=timestamp) for one in records(nudges, self._stage.partitions)]
        await self._stage.send_these(made)
        return dict.fromkeys(first, now)

    async def sent(self) -> Sent:
        """What is in the signal topics now."""
        names = [f"signals.{kind}" for kind in KINDS]
        found = [*self._before, *await self.read(*names)]
        records = {(r.topic, r.partition, r.offset): r for r in found}.values()
        own = [record for record in records if not _is_copy(record)]
        events, garbage = [], 0
        for record in own:
            event = _event(record)
            if event is None:
                garbage += 1
            else:
                events.append({**event, "received_at": format_instant(record.timestamp)})
        return Sent(own, events, garbage)

    def replayed(self, sent: Sent, until: str) -> Document:
        """What `replay --json` says of them."""
        path = self._stage.folder / "sent.jsonl"
        path.write_bytes(b"".join(orjson.dumps(event) + b"\n" for event in sent.events))
        icps = [str(icp) for icp in self._stage.market.icps]
        inputs = read_inputs(str(self._scoring), icps, str(self._accounts), lambda _: None)
        with ReplayRun(inputs, [str(path)], parse_instant(until), actions=self._actions()) as run:
            document: Document = orjson.loads(b"".join(json_document(run, run.run())))
        gc.unfreeze()
        return document

    def _actions(self) -> ActionFile | None:
        """The account actions to be replayed: none but in `acting_judge`."""
        return None

    async def read(self, *topics: str) -> list[Any]:
        """Every record of these topics."""
        consumer = AIOKafkaConsumer(bootstrap_servers=self._stage.kafka, isolation_level="read_committed")
        await consumer.start()
        try:
            names = {self._stage.prefix + topic for topic in topics}
            cluster = await consumer._client.fetch_all_metadata()  # noqa: SLF001 (topics() keeps it for itself)
            places = [TopicPartition(n, p) for n in names for p in cluster.partitions_for_topic(n)]
            consumer.assign(places)
            await consumer.seek_to_beginning(*places)
            ends, records = await consumer.end_offsets(places), []
            left = {place for place in places if ends[place] > await consumer.position(place)}
            while left:
                for batch in (await consumer.getmany(timeout_ms=200)).values():
                    records += batch
                left = {place for place in left if ends[place] > await consumer.position(place)}
            return records
        finally:
            await consumer.stop()

    async def _compare_lists(self, sent: Sent, nudged: dict[str, int]) -> list[str]:
        now = format_instant(int(time.time() * 1000))
        served = {name: await self._stage.list(name) for name in self._stage.market.lists}
        judged = {now: self.replayed(sent, now)["lists"]}
        differs = []
        for name, one in served.items():
            if one is None or one["generated_at"] is None:
                differs.append(f"list {name} was not published")
                continue
            at = one["generated_at"]
            if parse_instant(at) < nudged.get(name, 0):
                differs.append(f"list {name} was told last at {at}, before its last event")
                continue
            if at not in judged:
                judged[at] = self.replayed(sent, at)["lists"]
            if name == "all" and not judged[at][name] and not self._empty:
                differs.append("an empty list shows nothing")
            try:
                same_order_and_scores(one["entries"], judged[at][name])
                if self._levels:
                    same_levels(one["entries"], judged[at][name])
                _not_outdated(one["entries"], judged[now][name])
            except AssertionError as error:
                result = first_difference(one["entries"], judged[at][name]) or _first_line(error)
                differs.append(f"list {name} at {at}, looked at {now}: {result}")
        return differs

    async def _settled(self, compare: Callable[[], Awaitable[list[str]]]) -> list[str]:
        """What differs still after a while."""
        deadline, late = time.monotonic() + AGREES_WITHIN, False
        while True:
            differs = await compare()
            if not differs or late:
                return differs
            await asyncio.sleep(0.5)
            late = time.monotonic() > deadline  # before it is asked: a comparison of a minute is made twice at least


def _not_outdated(served: Sequence[Document], now: Sequence[Document]) -> None:
    """A list is told anew when its order changes or a printed score has moved by 0.1: so far may it be behind."""
    assert [entry["account_id"] for entry in served] == [entry["account_id"] for entry in now], "outdated"
    moved = [a["account_id"] for a, b in zip(served, now, strict=True) if abs(a["score"] - b["score"]) > _MOVES]
    assert not moved, f"outdated: {moved[:_SHOWN]}"


def _is_copy(record: Any) -> bool:
    """Whether the engine itself sent it on; others only say so."""
    names = {name for name, _ in record.headers}
    return "origin.topic" in names and FORGED not in names


def _event(record: Any) -> Document | None:
    try:
        event = json.loads(record.value or b"")
    except ValueError:
        return None
    if not isinstance(event, dict) or "occurred_at" not in event:
        return None
    return {**event, "kind": record.topic.rpartition(".")[2]}


def _count(counts: Counter[str], judged: Counter[str] | dict[str, int], garbage: int) -> tuple[int, int, list[str]]:
    """Events lost, events doubled, and outcomes that differ."""
    expected = {**judged, "rejected": judged["rejected"] + garbage}
    mine, theirs = (sum(counted[o] for o in OUTCOMES) for counted in (counts, expected))
    lost = max(0, theirs - mine, expected["applied"] - counts["applied"])
    doubled = max(0, mine - theirs, counts["applied"] - expected["applied"])
    differs = [f"{o}: {counts[o]} for {expected[o]}" for o in OUTCOMES if counts[o] != expected[o]]
    return lost, doubled, differs


def _compare_alerts(
    records: Iterable[Any], judged: Iterable[Document], until: int
) -> tuple[set[str], int, int, list[str]]:
    """Ids that are missing; how many were there that should not be; exact repeats; those that differ.

    `until` (ms) is the end of the replay: it cannot tell whether an alert that has become due since should be there.
    """
    seen: dict[str, bytes] = {}
    extra, repeats, differs = 0, 0, []
    expected = {alert["alert_id"]: alert for alert in judged}
    for record in records:
        alert = json.loads(record.value)
        name = alert["alert_id"]
        if name in seen:
            same = seen[name] == record.value
            repeats, extra = repeats + same, extra + (not same)
            if not same:
                differs.append(f"alert {name} was sent twice, and differs")
            continue
        seen[name] = record.value
        if name not in expected:
            if parse_instant(alert["at"]) > until:
                continue
            extra += 1
            differs.append(f"alert too many: {alert['type']} {alert['account_id']} at {alert['at']}")
        elif wrong := [f for f in _COMPARED if alert[f] != expected[name][f]]:
            differs.append(f"alert {name}: {', '.join(wrong)}")
    return expected.keys() - seen.keys(), extra, repeats, differs


def _first_line(error: AssertionError) -> str:
    text = str(error).strip().splitlines()
    return text[0][:300] if text else "accounts or their order"
