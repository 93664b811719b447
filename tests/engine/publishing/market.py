"""A market of two partitions for tests of what is published of it."""

import json
from typing import Any

from signal_engine.core.fit.icp import Fit
from signal_engine.engine.partition.process_batch import process_batch
from signal_engine.engine.ports.transaction import PUBLISHER, Outbox, Transaction
from signal_engine.engine.ports.views import READ_UNTIL
from signal_engine.engine.publishing.outbox_relay import OutboxRelay
from signal_engine.engine.publishing.publisher import Publisher
from signal_engine.wire.storage.in_force import FitInForce, IcpInForce
from tests.build import T0, after, kind, policy
from tests.engine.stand import TOPICS, Rec, Stand, event_bytes, fetch

RULES = policy(kind(half_life=8), kind("hiring", half_life=2), min_score=20)
A, B, C, X = "a.com", "b.com", "c.com", "xeno.com"
SAAS = IcpInForce("saas", 3, "Dana Reyes", "dana@example.com", "2027-02-20")
NOON = after(0.5)


class Market:
    """Two partitions, accounts that fit, and a publisher."""

    def __init__(self, rules=RULES) -> None:
        self.stand = Stand(policy=rules, now=NOON)
        self.ends: dict[tuple[int, str], int] = {}
        self.publisher = Publisher(self.stand.context, 2)

    async def begin(self, *fits: Fit) -> "Market":
        for number in (0, 1):
            mine = [one for one in fits if self.stand.context.partition_of(one.account) == number]
            await self.stand.fits(*mine, partition=number)
        self.stand.context.fit = FitInForce(1, T0, len(fits), (SAAS,), ())
        return self

    async def move(self, number: int, **what: Any) -> None:
        counter = (await self.stand.memory.positions(number)).counter
        await self.stand.memory.apply(Transaction(partition=number, counter=counter, **what))

    async def signal(
        self, account: str, points: float, at: int | None = None, kind_: str = "intent", **fields: Any
    ) -> None:
        at = self.stand.now if at is None else at
        number, topic = self.stand.context.partition_of(account), TOPICS.signals[kind_]
        offset = self.ends.get((number, topic), 0)
        self.ends[number, topic] = offset + 1
        record = Rec(offset, at, event_bytes(kind_, at, account, f"{offset}", points, **fields))
        partition = await self.stand.partition(number)
        assert (
            await process_batch(
                self.stand.context, partition, fetch(record, topic=topic, partition=number, start=offset)
            )
            == []
        )

    async def poll(self, at: int, read_until: int | None = None, publisher: Publisher | None = None) -> set[str]:
        """The lists that were published by a look at `at`."""
        self.stand.now = at
        for number in (0, 1):
            await self.move(number, views={READ_UNTIL: str(at if read_until is None else read_until).encode()})
        before = {name: self.served(name).get("version") for name in ("all", "saas")}
        await (publisher or self.publisher).poll(at)
        return {name for name, version in before.items() if self.served(name).get("version") != version}

    def served(self, name: str = "all") -> dict[str, Any]:
        found = self.stand.server.lists.get(("", name))
        return json.loads(found[1]) if found and found[1] else {}

    def listed(self, name: str = "all") -> list[str]:
        return [entry["account_id"] for entry in self.served(name)["entries"]]

    async def sent(self) -> list[tuple[str, str, Any]]:
        """(topic, key, value) of what went to Kafka since the last call."""
        before = len(self.stand.producer.sent)
        pump = OutboxRelay(self.stand.context, PUBLISHER, Outbox.LISTS, None)  # type: ignore[arg-type]
        while await pump.empty_once():
            pass
        return [
            (r.topic, (r.key or b"").decode(), json.loads(r.value or b"null"))
            for r in self.stand.producer.sent[before:]
        ]
