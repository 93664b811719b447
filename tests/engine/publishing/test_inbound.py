"""Somebody asks to be called where no rep may be alerted: that goes to triage, by every way out."""

from typing import Any

import pytest

from signal_engine.core.fit.icp import Fit
from signal_engine.engine.partition.past_alerts import PastAlerts
from signal_engine.engine.ports.output_topics import Take
from signal_engine.engine.ports.transaction import Outbox
from signal_engine.engine.read_model.account_view import AccountView
from tests.build import ACME, BUYERS, HAND_RAISES, T0, after, fit, kind, policy
from tests.engine.one_partition import Worker
from tests.engine.stand import TOPICS

RULES = policy(kind(half_life=8), kind("engagement", half_life=8, rules=HAND_RAISES), personas=BUYERS)
ASKS = {"activity": "demo_request", "persona": "Chief Financial Officer"}


async def asked(*fits: Fit, rules: Any = RULES) -> Worker:
    worker = await Worker(rules).begin(*fits)
    await worker.signal(T0, 80, kind_="engagement", **ASKS)
    return worker


@pytest.mark.parametrize(
    ("who", "reason"),
    [
        (None, "not_in_accounts"),
        (fit("ignore", tier=None), "not_fit"),
        (fit("unknown", None, None), "fit_unknown"),
        (fit("deprioritize", 50.0, "C"), "deprioritized"),
        (fit(relation="partner"), "relation"),
    ],
)
async def test_it_goes_to_triage_with_the_reason_and_onto_no_list(who: Fit | None, reason: str) -> None:
    worker = await asked(*([who] if who else []))
    (alert,) = worker.outbox()
    assert {name: alert[name] for name in ("type", "audience", "triage_reason", "raised_by", "episode")} == {
        "type": "inbound", "audience": "triage", "triage_reason": reason, "raised_by": "finance", "episode": None,
    }  # fmt: skip
    assert (alert["name"], alert["icp"], alert["tier"]) == (None, who and "saas", who and who.primary.tier)
    assert (alert["priority"] is not None) == (reason == "relation")
    account = worker.account()
    assert (account.level, account.episode, account.alerted, account.last_alert_at) == ("hot", 1, False, None)
    assert not any(worker.stand.data().ranks.values())


@pytest.mark.parametrize(
    "who", [fit(relation="do_not_contact"), fit(relation="competitor"), fit(relation="own"), fit(suppressed=True)]
)
async def test_of_some_nobody_ever_hears(who: Fit) -> None:
    worker = await asked(who)
    assert worker.outbox() == []
    assert (await worker.stand.memory.history(0, ACME, [])).alerts == []


async def test_a_customer_who_asks_is_the_owners_and_no_inbound() -> None:
    worker = await asked(fit(relation="customer", owner="Dana"))
    (alert,) = worker.outbox()
    assert (alert["type"], alert["audience"], alert["relation"]) == ("hand_raise", "owner", "customer")
    assert not any(worker.stand.data().ranks.values()), "and not on the prospects' list"


async def test_it_is_in_the_history_of_the_account_and_in_the_feed() -> None:
    worker = await asked()
    view = AccountView(worker.stand.memory, worker.stand.controls, worker.stand.context.partition_of)
    (alert,) = await view.feed(2, 0, 10)
    assert alert == worker.outbox()[0]
    (kept,) = (await worker.stand.memory.history(0, ACME, [])).alerts
    assert b'"type":"inbound"' in kept


async def test_one_book_with_hand_raises_by_persona() -> None:
    worker = await asked()
    await worker.signal(after(hours=1), 10, kind_="engagement", **ASKS)
    await worker.signal(after(hours=2), 10, kind_="engagement", activity="demo_request", persona="CRO")
    await worker.signal(after(hours=24), 10, kind_="engagement", **ASKS)
    assert [at for _, at in worker.sent()] == [
        "2026-01-01T00:00:00Z",
        "2026-01-01T02:00:00Z",
        "2026-01-02T00:00:00Z",
    ]


class _Topic:
    """The topic of alerts, as the outbox would have filled it."""

    def __init__(self, worker: Worker) -> None:
        self._records = [w.record for w in worker.stand.data().outboxes.get(Outbox.ALERTS, [])]

    async def partitions(self, topic: str) -> int:
        return 1

    async def read(self, topic: str, partition: int, start: int, take: Take) -> int:
        for record in self._records[start:]:
            take(record.key.encode(), record.value)
        return len(self._records)


async def test_after_a_rebuild_it_is_remembered_by_persona_though_its_event_is_gone() -> None:
    before = await asked()
    memory = PastAlerts(0, before.stand.context.partition_of, T0)
    await memory.read(_Topic(before), TOPICS.alerts, [0])
    worker = await Worker(RULES).begin()
    worker.partition.past = memory
    for hours, persona in ((1, "CFO"), (2, "CRO"), (23, "finance director"), (25, "CFO")):
        await worker.signal(after(hours=hours), 10, kind_="engagement", activity="demo_request", persona=persona)
    assert worker.sent() == [("inbound", "2026-01-01T02:00:00Z"), ("inbound", "2026-01-02T01:00:00Z")]


async def test_after_a_rebuild_it_is_not_sent_again_where_its_event_is_still_there() -> None:
    before = await asked()
    memory = PastAlerts(0, before.stand.context.partition_of, after(1))
    await memory.read(_Topic(before), TOPICS.alerts, [0])
    worker = await Worker(RULES).begin()
    worker.partition.past = memory
    await worker.signal(T0, 80, kind_="engagement", **ASKS)
    assert worker.sent() == []
    assert worker.account().hand_raised == before.account().hand_raised == {"finance": T0}
