"""One batch, one step: what a fetch becomes, and that nothing of it is lost or done twice."""

import json

import pytest

from signal_engine.engine.partition import evaluate_batch
from signal_engine.engine.partition.history_records import signal_document
from signal_engine.engine.partition.process_batch import process_batch
from signal_engine.engine.ports.fetched import Fetched, Position
from signal_engine.engine.ports.producer import TooLarge
from signal_engine.engine.ports.transaction import Outbox, Transaction
from signal_engine.wire.storage import state
from tests.build import ACME, DAY, T0, after, fit, kind, policy
from tests.engine.stand import HIRING, INTENT, TOPICS, Rec, Stand, alerts_of, event_bytes, fetch

TWO_KINDS = policy(kind(half_life=8), kind("hiring", half_life=8))
OUTCOMES = ("applied", "duplicate", "ignored", "expired", "rejected")


@pytest.fixture
def stand() -> Stand:
    return Stand(policy=TWO_KINDS)


async def applied(stand: Stand, *fetches: Fetched) -> None:
    partition = await stand.partition()
    for fetched in fetches:
        assert await process_batch(stand.context, partition, fetched) == []


async def somebody_else_steps(stand: Stand) -> None:
    counter = (await stand.memory.positions(0)).counter
    await stand.memory.apply(Transaction(partition=0, counter=counter, counts={"of somebody else": 1}))


async def test_a_batch_is_one_step_with_everything_in_it(stand: Stand) -> None:
    await stand.fits(fit())
    before = (await stand.memory.positions(0)).counter
    await applied(
        stand, fetch(Rec(0, T0, event_bytes(points=80)), Rec(1, after(1), event_bytes(at=after(1), points=70)))
    )
    data = stand.data()
    assert data.counter == before + 1
    assert data.topics[INTENT] == 2
    assert state.decode(data.states[ACME]).level == "hot"
    assert data.ranks["all"].keys() == data.ranks["saas"].keys() == {ACME}
    assert data.due.keys() == {ACME}
    assert [json.loads(w.record.value)["type"] for w in data.outboxes[Outbox.ALERTS]] == ["entered_hot"]
    assert data.counts == {"applied": 2, "alerted": 1}


async def test_the_alerts_of_a_batch_leave_in_order_of_time_whosever_they_are(stand: Stand) -> None:
    await stand.fits(fit(), fit(account="beta.com"))
    heard = [(ACME, after(0)), ("beta.com", after(1)), (ACME, after(60))]
    await applied(stand, fetch(*(Rec(n, at, event_bytes(at=at, account=name)) for n, (name, at) in enumerate(heard))))
    alerts = [json.loads(waiting.record.value) for waiting in stand.data().outboxes[Outbox.ALERTS]]
    assert [(one["account_id"], one["type"]) for one in alerts] == [
        (ACME, "entered_hot"), ("beta.com", "entered_hot"), (ACME, "cooled"), (ACME, "entered_hot"),
    ]  # fmt: skip


async def test_an_account_that_fits_no_profile_is_scored_and_on_no_list(stand: Stand) -> None:
    await stand.fits(fit("ignore", tier=None))
    await applied(stand, fetch(Rec(0, T0, event_bytes())))
    assert state.decode(stand.data().states[ACME]).level == "hot"
    assert not any(stand.data().ranks.values())
    assert not stand.data().outboxes.get(Outbox.ALERTS)
    assert not stand.data().due


async def test_every_record_counts_once_for_what_became_of_it(stand: Stand) -> None:
    good = event_bytes(event_id="twice")
    records = [
        Rec(0, T0, good),
        Rec(1, T0, good),
        Rec(2, T0, event_bytes(points=0, event_id="nothing")),
        Rec(3, after(90), event_bytes(event_id="old")),
        Rec(4, after(90), b"{"),
        Rec(5, after(90), None),
    ]
    await applied(stand, fetch(*records))
    counts = stand.data().counts
    assert {outcome: counts[outcome] for outcome in OUTCOMES} == dict(zip(OUTCOMES, (1, 1, 1, 1, 2), strict=True))
    assert counts["rejected:not_json"] == counts[f"rejected:{INTENT}"] == 2


async def test_a_step_of_somebody_else_refuses_the_batch_and_nothing_of_it_is_written(stand: Stand) -> None:
    await stand.fits(fit())
    partition = await stand.partition()
    assert await process_batch(stand.context, partition, fetch(Rec(0, T0, event_bytes(points=30)))) == []
    await somebody_else_steps(stand)
    left = stand.data().states[ACME]
    batch = fetch(Rec(1, after(1), event_bytes(at=after(1), points=90)), start=1)
    read_on = await process_batch(stand.context, partition, batch)
    assert {(p.topic, p.partition) for p in read_on} == {(topic, 0) for topic in TOPICS.signals.values()}
    assert next(p for p in read_on if p.topic == INTENT).offset == 1
    assert (stand.data().states[ACME], stand.data().topics[INTENT]) == (left, 1)
    assert len(partition.known) == 0, "what was changed in memory is not what is stored"
    assert "transaction_refused" in stand.event_log.words
    assert await process_batch(stand.context, partition, batch) == [], "and now it stands where the store does"
    assert stand.data().counts == {"applied": 2, "alerted": 1, "of somebody else": 1}


async def test_a_batch_from_another_place_than_the_stored_one_is_not_begun(stand: Stand) -> None:
    partition = await stand.partition()
    assert await process_batch(stand.context, partition, fetch(Rec(0, T0, event_bytes()))) == []
    for start in (0, 2):
        wrong = fetch(Rec(start, T0, event_bytes(event_id=f"{start}")), start=start)
        assert await process_batch(stand.context, partition, wrong) == [Position(INTENT, 0, 1)]
    assert stand.data().counts == {"applied": 1}


async def test_of_topics_that_are_read_together_none_is_begun_when_one_is_from_another_place(stand: Stand) -> None:
    partition = await stand.partition()
    assert await process_batch(stand.context, partition, fetch(Rec(0, T0, event_bytes()))) == []
    hiring = fetch(Rec(0, T0, event_bytes("hiring")), topic=HIRING)
    wrong = fetch(Rec(5, T0, event_bytes(event_id="5")), start=5)
    read_on = await process_batch(stand.context, partition, wrong, hiring)
    assert sorted(read_on) == [Position(HIRING, 0, None), Position(INTENT, 0, 1)]
    assert stand.data().topics == {INTENT: 1}
    assert stand.data().counts == {"applied": 1}


async def test_an_event_of_one_topic_at_which_our_own_code_fails_leaves_the_others_whole(
    stand: Stand, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = evaluate_batch.advance

    def fails_at_bad(account, event, *rest):
        if event.event_id == "bad":
            raise ZeroDivisionError
        return whole(account, event, *rest)

    monkeypatch.setattr(evaluate_batch, "advance", fails_at_bad)
    partition = await stand.partition()
    intent = fetch(Rec(0, T0, event_bytes(event_id="one")), Rec(1, T0, event_bytes(event_id="two")))
    hiring = fetch(Rec(0, T0, event_bytes("hiring", event_id="bad")), topic=HIRING)
    assert await process_batch(stand.context, partition, intent, hiring) == []
    data = stand.data()
    assert data.topics == {INTENT: 2, HIRING: 1}
    assert (data.counts["applied"], data.counts["rejected"], data.counts[f"rejected:{HIRING}"]) == (2, 1, 1)


async def test_gaps_between_records_are_passed_over(stand: Stand) -> None:
    """Markers of transactions have offsets and are no records."""
    await applied(
        stand,
        Fetched(INTENT, 0, 0, 5, [Rec(3, T0, event_bytes())]),
        Fetched(INTENT, 0, 5, 9, []),
        Fetched(INTENT, 0, 9, 10, [Rec(9, T0, event_bytes(event_id="next"))]),
    )
    assert stand.data().topics[INTENT] == 10


async def test_nothing_is_begun_for_a_partition_that_was_handed_over(stand: Stand) -> None:
    partition = await stand.partition()
    partition.open = False
    assert await process_batch(stand.context, partition, fetch(Rec(0, T0, b"{"))) == []
    assert stand.data().counter == 0
    assert stand.producer.sent == []


async def test_refused_records_are_with_kafka_before_the_step_that_passes_over_them(stand: Stand) -> None:
    stand.producer.trouble = [RuntimeError("Kafka is away for good")]
    with pytest.raises(RuntimeError):
        await applied(stand, fetch(Rec(0, T0, b"{"), Rec(1, T0, event_bytes())))
    assert stand.data().counter == 0


async def test_dead_letters_are_byte_for_byte_what_came_with_the_reason_beside_it(stand: Stand) -> None:
    headers = [("trace", b"\x00\xff"), ("trace", None)]
    await applied(stand, fetch(Rec(7, T0, b"\xff{", b"\x00key", headers), Rec(8, T0, None, None), start=7))
    first, second = stand.producer.to(TOPICS.dead_letters)
    assert (first.key, first.value, list(first.headers[:2])) == (b"\x00key", b"\xff{", headers)
    said = dict(first.headers[2:])
    assert (said["dlq.reason"], said["dlq.topic"], said["dlq.offset"]) == (b"not_json", INTENT.encode(), b"7")
    assert (second.key, second.value) == (None, None)
    assert first.partition == 0


async def test_a_letter_that_the_broker_finds_too_large_goes_with_less(stand: Stand) -> None:
    stand.producer.trouble = [TooLarge("the dead letter"), TooLarge("a batch")]
    await applied(stand, fetch(Rec(0, T0, b"{" * 100, b"key"), Rec(1, T0, b"}")))
    first, second = stand.producer.to(TOPICS.dead_letters)
    assert (first.value, first.key, dict(first.headers)["dlq.truncated"]) == (None, b"key", b"value")
    assert (second.value, "dlq.truncated" in dict(second.headers)) == (b"}", False)
    assert stand.data().counts["rejected"] == 2


async def test_a_copy_that_does_not_fit_with_its_origin_is_refused(stand: Stand) -> None:
    stand.producer.trouble = [TooLarge("the copy"), TooLarge("a batch")]
    one, two = (event_bytes(account="xeno.com", event_id=name) for name in ("one", "two"))
    await applied(stand, fetch(Rec(0, T0, one), Rec(1, T0, two)))
    assert [record.value for record in stand.producer.to(INTENT)] == [two]
    (dead_letter,) = stand.producer.to(TOPICS.dead_letters)
    assert (dead_letter.value, dict(dead_letter.headers)["dlq.reason"]) == (one, b"too_large")
    assert stand.data().counts["rejected"] == 1


async def test_history_that_is_loaded_decides_alerts_and_sends_none(stand: Stand) -> None:
    await stand.fits(fit())
    await applied(stand, fetch(Rec(0, T0, event_bytes(), headers=[("backfill", None)])))
    account = state.decode(stand.data().states[ACME])
    assert (account.level, account.alerted) == ("hot", True)
    assert not stand.data().outboxes.get(Outbox.ALERTS)
    await applied(stand, fetch(Rec(1, after(0.1), event_bytes(at=after(0.1), event_id="more")), start=1))
    assert not stand.data().outboxes.get(Outbox.ALERTS), "its episode has alerted, though nobody heard"


async def test_a_producers_clock_is_not_believed_beyond_ours(stand: Stand) -> None:
    ahead = after(3)
    stand.now = after(1)
    await applied(stand, fetch(Rec(0, ahead, event_bytes(at=after(1)), timestamp_type=0)))
    assert state.decode(stand.data().states[ACME]).now == after(1)
    await applied(stand, fetch(Rec(1, ahead, event_bytes(event_id="by the broker's clock")), start=1))
    assert state.decode(stand.data().states[ACME]).now == ahead


async def test_topics_of_one_partition_are_applied_side_by_side(stand: Stand) -> None:
    await stand.fits(fit())
    await applied(
        stand,
        fetch(Rec(0, T0, event_bytes(points=40))),
        fetch(Rec(0, after(0.1), event_bytes("hiring", after(0.1), points=40)), topic=HIRING),
    )
    (alert,) = alerts_of([w.record for w in stand.data().outboxes[Outbox.ALERTS]])
    assert alert["kinds_live"] == ["intent", "hiring"]
    assert stand.data().topics.items() >= {(INTENT, 1), (HIRING, 1)}


async def test_what_people_look_at_is_kept_in_the_same_step() -> None:
    """Signals as they were applied, the score of each day that had some, and alerts, those of a backfill too."""
    stand = Stand()
    await stand.fits(fit())
    partition = await stand.partition()
    records = [
        Rec(0, T0, event_bytes(points=30, event_id="first")),
        Rec(1, after(1), event_bytes(at=after(1), points=90, event_id="second"), headers=[("backfill", b"")]),
        Rec(2, after(1, hours=1), event_bytes(at=after(1), points=90, event_id="second")),
        Rec(
            3, after(1, hours=2), event_bytes(at=after(1), points=0.5, event_id="third", source_url="https://a.example")
        ),
    ]
    assert await process_batch(stand.context, partition, fetch(*records)) == []
    day = T0 // DAY
    signals, alerts, scores = await stand.memory.history(0, ACME, [day, day + 1, day + 2])
    result = [signal_document(signal) for signal in signals]
    assert [(one["id"], one["kind"], one["points"]) for one in result] == [
        ("third", "intent", 0.5), ("second", "intent", 90.0), ("first", "intent", 30.0),
    ]  # fmt: skip
    assert result[0]["source_url"] == "https://a.example"
    assert "crm" in result[0]["text"]
    assert scores == {day: 30.0}, "of a day that goes on, the state tells"
    (alert,) = [json.loads(alert) for alert in alerts]
    ((at, whole),) = await stand.memory.feed(0, 0, 9)
    assert (at, json.loads(whole)["alert_id"], alert["type"]) == (after(1), alert["alert_id"], "entered_hot")
    assert "alerted" not in stand.data().counts, "it was recorded, not sent"
    await process_batch(stand.context, partition, fetch(Rec(4, after(3), event_bytes(at=after(3), event_id="fourth"))))
    _, _, scores = await stand.memory.history(0, ACME, [day, day + 1, day + 2, day + 3])
    assert scores == {day: 30.0, day + 1: round((15 + 90.5) * 2 ** (-2 / 24), 2)}
