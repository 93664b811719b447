"""The ledger of deliveries, the same on the twin, on Valkey and on Redis."""

import pytest

from signal_engine.adapters.redis.connecting.channel import Channel
from signal_engine.adapters.redis.deliveries.ledger import RedisLedger
from signal_engine.core.delivery.answering import ActionsSeen
from signal_engine.core.delivery.ledger import (
    DeliveryRow,
    attempted,
    claimed,
    doubtful,
    followed,
    given_up,
    looked_at,
    no_longer_followed,
    rows_of,
)
from signal_engine.core.delivery.outcomes import Attempt
from signal_engine.core.delivery.plan import PlannedDelivery, Timing, plan
from signal_engine.engine.ports.delivery.ledger import (
    CountedRows,
    DestinationNotes,
    DisabledDestination,
    LastNotes,
    Ledger,
    LedgerHead,
    NewRow,
    RowChange,
    RowNote,
    notes_of,
)
from signal_engine.wire.storage.documents import UnreadableDocument
from tests.core.delivery.scene import ALERT, routing, to
from tests.transactions.places import Place

NOW = 1_800_000_000_000
SENT = Attempt("sent", "it took it", "r-1")
_PLAN = plan(ALERT, routing(to("ops")), ActionsSeen(), NOW)


@pytest.fixture
def ledger(place: Place) -> Ledger:
    return place.ledger()


def a_row(delivery_id: str, destination: str = "ops", timing: Timing = "at_once", at: int | None = NOW) -> DeliveryRow:
    planned = PlannedDelivery(delivery_id, destination, None, timing, at)
    return rows_of(ALERT, _PLAN._replace(deliveries=(planned,)), NOW - 10, NOW)[0]


def new(row: DeliveryRow) -> NewRow:
    return NewRow(row, f'{{"of": "{row.delivery_id}"}}'.encode())


async def begun(ledger: Ledger, *rows: DeliveryRow) -> None:
    await ledger.begin(0, LedgerHead(5))
    assert await ledger.plan(0, 5, 9, [new(row) for row in rows])


async def test_a_head_is_stored_once(ledger: Ledger) -> None:
    assert await ledger.head(0) is None
    assert await ledger.begin(0, LedgerHead(5, 3)) == (5, 3)
    assert await ledger.begin(0, LedgerHead(7)) == (5, 3)
    assert await ledger.head(1) is None


async def test_partitions_are_those_that_were_begun(ledger: Ledger) -> None:
    assert await ledger.partitions() == []
    for partition in (10, 2, 10):
        await ledger.begin(partition, LedgerHead(0))
    await ledger.head(3)
    assert await ledger.partitions() == [2, 10]


async def test_rows_and_position_move_in_one_step_or_not_at_all(ledger: Ledger) -> None:
    row = a_row("one")
    assert not await ledger.plan(0, 5, 9, [new(row)]), "there is no position yet"
    await begun(ledger, row)
    assert await ledger.head(0) == (9, 0)
    assert await ledger.rows(0, ["one", "two"]) == [row, None]
    assert await ledger.alerts(0, ["two", "one"]) == [None, b'{"of": "one"}']
    assert not await ledger.plan(0, 5, 12, [new(a_row("two"))])
    assert await ledger.rows(0, ["two"]) == [None]


async def test_a_row_that_is_there_stays(ledger: Ledger) -> None:
    row = a_row("one")
    await begun(ledger, row)
    sending = claimed(row, "me", NOW)
    assert await ledger.change(0, [RowChange(row, sending)]) == [True]
    assert await ledger.plan(0, 9, 12, [new(row), new(a_row("two"))])
    assert await ledger.rows(0, ["one", "two"]) == [sending, a_row("two")]
    assert await ledger.counted(0) == [
        CountedRows("ops", "entered_hot", "pending", 1), CountedRows("ops", "entered_hot", "sending", 1),
    ]  # fmt: skip


async def test_a_change_names_the_revision_that_it_saw(ledger: Ledger) -> None:
    row, other = a_row("one"), a_row("two")
    await begun(ledger, row, other)
    mine, theirs = claimed(row, "me", NOW), claimed(row, "them", NOW)
    assert await ledger.change(0, [RowChange(row, theirs)]) == [True]
    assert await ledger.change(0, [RowChange(row, mine), RowChange(other, claimed(other, "me", NOW))]) == [False, True]
    assert await ledger.rows(0, ["one"]) == [theirs]
    assert await ledger.change(0, [RowChange(a_row("none"), mine)]) == [False]


async def test_what_is_due_comes_by_destination_earliest_first(ledger: Ledger) -> None:
    late, early, elsewhere = a_row("late", at=NOW + 5), a_row("early", at=NOW - 5), a_row("west", "west")
    kept, never = a_row("kept", timing="digest", at=NOW - 9), a_row("never", timing="muted", at=None)
    await begun(ledger, late, early, elsewhere, kept, never)
    assert await ledger.due(0, "ops", NOW + 5, 10) == [early, late]
    assert await ledger.due(0, "ops", NOW + 5, 1) == [early]
    assert await ledger.due(0, "ops", NOW + 4, 10) == [early]
    assert await ledger.due(0, "west", NOW, 10) == [elsewhere]
    assert await ledger.for_digest(0, "ops", NOW, 10) == [kept]
    assert await ledger.for_digest(0, "ops", NOW - 10, 10) == []
    assert never.status == "suppressed"


async def test_a_row_moves_between_what_is_due_and_what_is_kept(ledger: Ledger) -> None:
    kept = a_row("kept", timing="digest")
    await begun(ledger, kept)
    pending = doubtful(kept, NOW, NOW + 1)
    assert await ledger.change(0, [RowChange(kept, pending)]) == [True]
    assert await ledger.for_digest(0, "ops", NOW, 10) == []
    assert await ledger.due(0, "ops", NOW + 1, 10) == [pending]
    sent = attempted(pending, SENT, NOW, 0)
    assert await ledger.change(0, [RowChange(pending, sent)]) == [True]
    assert await ledger.due(0, "ops", NOW + 9, 10) == []


async def test_rows_are_counted_and_the_last_success_and_error_noted(ledger: Ledger) -> None:
    one, two = a_row("one"), a_row("two")
    await begun(ledger, one, two)
    sent, lost = attempted(claimed(one, "me", NOW), SENT, NOW + 7, 0), given_up(two, "tried for long", NOW + 8)
    one_claimed = claimed(one, "me", NOW)
    await ledger.change(0, [RowChange(one, one_claimed)])
    await ledger.change(0, [RowChange(one_claimed, sent), RowChange(two, lost)])
    last = LastNotes(NOW + 7, NOW + 8, "tried for long")
    assert await ledger.counted(0) == [
        CountedRows("ops", "entered_hot", "given_up", 1), CountedRows("ops", "entered_hot", "sent", 1),
    ]  # fmt: skip
    assert await ledger.notes(0) == {"ops": DestinationNotes(last, {"entered_hot": last})}
    assert await ledger.notes(1) == {}


async def test_what_is_to_be_looked_at_comes_earliest_first_until_it_is_not_followed(ledger: Ledger) -> None:
    one, two = a_row("one"), a_row("two")
    await begun(ledger, one, two, a_row("three"))
    sent = [followed(attempted(one, SENT, NOW, 0), "r-1", NOW + 5), followed(attempted(two, SENT, NOW, 0), "r-2", NOW)]
    await ledger.change(0, [RowChange(one, sent[0]), RowChange(two, sent[1])])
    when = sent[0].look_at or 0
    assert await ledger.to_look_at(0, "ops", NOW, 10) == []
    assert await ledger.to_look_at(0, "ops", when, 10) == [sent[1], sent[0]]
    assert await ledger.to_look_at(0, "ops", when, 1) == await ledger.to_look_at(0, "ops", when - 1, 10) == [sent[1]]
    later = looked_at(sent[0], "claimed", when)
    await ledger.change(0, [RowChange(sent[0], later), RowChange(sent[1], no_longer_followed(sent[1]))])
    assert await ledger.to_look_at(0, "ops", when, 10) == []
    assert await ledger.to_look_at(0, "ops", later.look_at or 0, 10) == [later]
    assert await ledger.to_look_at(0, "west", later.look_at or 0, 10) == []
    assert (await ledger.notes(0))["ops"].last.last_success_at == NOW
    assert await ledger.prune(0, NOW + 1, 10) == 2
    assert await ledger.to_look_at(0, "ops", later.look_at or 0, 10) == []


async def test_finished_rows_go_after_a_time(ledger: Ledger) -> None:
    old, waits, late = a_row("old"), a_row("waits"), a_row("late")
    await begun(ledger, old, waits, late)
    await ledger.change(0, [RowChange(old, given_up(old, "no", NOW)), RowChange(late, given_up(late, "no", NOW + 5))])
    assert await ledger.prune(0, NOW + 5, 10) == 1
    assert await ledger.rows(0, ["old", "waits"]) == [None, waits]
    assert await ledger.alerts(0, ["old"]) == [None]
    assert sorted([row.delivery_id async for row in ledger.every_row(0)]) == ["late", "waits"]
    assert await ledger.prune(0, NOW + 5, 10) == 0


async def test_partitions_and_prefixes_are_apart(place: Place) -> None:
    ledger, other = place.ledger(), place.ledger("staging.")
    await begun(ledger, a_row("one"))
    assert await ledger.due(1, "ops", NOW, 10) == []
    assert await other.head(0) is None
    assert await other.due(0, "ops", NOW, 10) == []


async def test_destinations_are_disabled_for_everybody(ledger: Ledger) -> None:
    assert await ledger.disabled() == {}
    await ledger.disable("west", DisabledDestination(NOW, "Slack answered token_revoked"))
    assert await ledger.disabled() == {"west": DisabledDestination(NOW, "Slack answered token_revoked")}
    assert await ledger.enable("west")
    assert not await ledger.enable("west")


async def test_counters_are_compared_and_set(ledger: Ledger) -> None:
    assert await ledger.counter("flow") is None
    assert await ledger.replace_counter("flow", None, b"1")
    assert not await ledger.replace_counter("flow", None, b"2")
    assert not await ledger.replace_counter("flow", b"9", b"2")
    assert await ledger.replace_counter("flow", b"1", b"2")
    assert await ledger.counter("flow") == b"2"


async def test_it_says_whether_it_is_on_disk(ledger: Ledger) -> None:
    await begun(ledger, a_row("one"))
    assert await ledger.on_disk() in {True, None}


async def test_a_change_and_what_it_makes_are_one_step(ledger: Ledger) -> None:
    row, made = a_row("one"), a_row("two")
    await begun(ledger, row)
    change = RowChange(row, given_up(row, "why", NOW))
    assert await ledger.add_with(0, change, [new(made)])
    assert await ledger.rows(0, ["one", "two"]) == [change.after, made]
    assert await ledger.alerts(0, ["two"]) == [b'{"of": "two"}']
    assert not await ledger.add_with(0, change, [new(a_row("three"))]), "another one was first"
    assert await ledger.rows(0, ["one", "three"]) == [change.after, None]
    again = RowChange(change.after, given_up(change.after, "again", NOW + 1))
    assert await ledger.add_with(0, again, [new(a_row("two", at=NOW + 9))])
    assert await ledger.rows(0, ["two"]) == [made], "a row that is there stays"
    assert {one.status: one.many for one in await ledger.counted(0)} == {"given_up": 1, "pending": 1}


@pytest.mark.parametrize("value", [b"1 {", b"x", b"1 {}", b"\xff", b""])
async def test_a_row_that_cannot_be_read_is_set_aside_once_and_the_others_go_on(channel: Channel, value: bytes) -> None:
    aside: list[tuple[int, str]] = []
    ledger = RedisLedger(channel, "", lambda partition, delivery_id: aside.append((partition, delivery_id)))
    other = a_row("d-2")
    await begun(ledger, a_row("d-1", at=NOW - 1), other)
    await channel.call("HSET", "deliveries:{0}:rows", "d-1", value)
    reader = RedisLedger(channel)
    assert [row async for row in reader.every_row(0)] == await reader.due(0, "ops", NOW, 9) == [other]
    assert await ledger.due(0, "ops", NOW, 1) == []
    assert await ledger.due(0, "ops", NOW, 1) == [other], "it takes nobody's place"
    assert aside == [(0, "d-1")]
    assert await channel.call("HGETALL", "deliveries:{0}:unreadable") == [b"d-1", value]


async def test_a_head_that_cannot_be_read_is_as_if_it_were_lost_and_its_bytes_are_kept(channel: Channel) -> None:
    away: list[tuple[str, str]] = []
    ledger = RedisLedger(channel, "", None, lambda key, kept: away.append((key, kept)))
    await begun(ledger, a_row("one"))
    await channel.call("HSET", "deliveries:{0}:head", "position", "x")
    with pytest.raises(UnreadableDocument):
        await RedisLedger(channel).head(0)
    assert await ledger.head(0) is None
    assert await ledger.head(0) is None
    assert away == [("deliveries:{0}:head", "deliveries:{0}:unreadable_head")]
    assert await channel.call("HGET", "deliveries:{0}:unreadable_head", "position") == b"x"
    assert await ledger.begin(0, LedgerHead(7, 9)) == (7, 9)
    assert await ledger.plan(0, 7, 8, [new(a_row("one")), new(a_row("two"))])
    assert [row.delivery_id for row in await ledger.due(0, "ops", NOW, 9)] == ["one", "two"]


@pytest.mark.parametrize("value", [b"-5", b"05", b" 5", b"1_0", b"%d" % 2**63])
async def test_a_position_that_no_script_wrote_is_one_that_cannot_be_read(channel: Channel, value: bytes) -> None:
    ledger = RedisLedger(channel, "", None, lambda _key, _kept: None)
    await begun(ledger, a_row("one"))
    await channel.call("HSET", "deliveries:{0}:head", "position", value)
    assert await ledger.head(0) is None


async def test_what_is_due_and_has_no_row_takes_nobodys_place(channel: Channel) -> None:
    ledger = RedisLedger(channel, "", lambda _partition, _id: None)
    await begun(ledger, a_row("one"))
    await channel.call("ZADD", "deliveries:{0}:due:ops", 1, "nobody", 2, "nothing")
    assert await ledger.due(0, "ops", NOW, 2) == []
    assert [row.delivery_id for row in await ledger.due(0, "ops", NOW, 2)] == ["one"]


async def test_counts_and_notes_that_cannot_be_read_count_for_nothing_and_are_replaced(channel: Channel) -> None:
    ledger, row = RedisLedger(channel), a_row("one")
    await begun(ledger, row)
    field = b'["ops","entered_hot","pending"]'
    await channel.call("HSET", "deliveries:{0}:counts", field, "many", "x", "1", b'["a"]', "2")
    await channel.call("HSET", "deliveries:{0}:notes", b'["success","ops"]', "{", "x", "1")
    assert (await ledger.counted(0), await ledger.notes(0)) == ([], {})
    after = attempted(claimed(row, "me", NOW), SENT, NOW + 1, 0.0)
    assert await ledger.change(0, [RowChange(row, after)]) == [True]
    assert [(one.status, one.many) for one in await ledger.counted(0)] == [("sent", 1)]
    assert await ledger.notes(0) == {"ops": notes_of(RowNote("success", NOW + 1, None), "entered_hot")}


async def test_a_destination_whose_entry_cannot_be_read_is_disabled(channel: Channel) -> None:
    ledger = RedisLedger(channel)
    await channel.call("HSET", "deliveries:disabled", "ops", "{")
    assert "cannot be read" in (await ledger.disabled())["ops"].said
    assert await ledger.enable("ops")
    assert await ledger.disabled() == {}
