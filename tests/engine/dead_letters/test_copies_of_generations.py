"""Copies are those of one generation; and account actions on an alias go to its account, others stay refused."""

from uuid import UUID

from signal_engine.core.actions.action import AccountAction
from signal_engine.core.rules.aliases import Aliases
from signal_engine.core.rules.instants import BEGINNING
from signal_engine.engine.partition.process_batch import process_batch
from signal_engine.engine.ports.producer import ToSend
from signal_engine.engine.ports.transaction import TopicPartition
from signal_engine.wire.actions.record import write_action
from tests.build import T0, after
from tests.engine.stand import INTENT, TOPICS, Rec, Stand, event_bytes, fetch

ALIASES = Aliases.of({"acme.de": "xacme.com"}, T0)


def stand_of(epoch: str, aliases: Aliases = ALIASES) -> Stand:
    stand = Stand(now=after(5))
    stand.context.epoch, stand.context.aliases = epoch, aliases
    stand.context.aliases_read_at = stand.now
    return stand


async def copies(epoch: str, *records: Rec, topic: str = INTENT, aliases: Aliases = ALIASES) -> list[ToSend]:
    """What partition 0 of a generation sends on."""
    stand = stand_of(epoch, aliases)
    assert await process_batch(stand.context, await stand.partition(), fetch(*records, topic=topic)) == []
    return stand.producer.sent


def arrived(offset: int, copy: ToSend) -> Rec:
    return Rec(offset, after(3), copy.value, headers=copy.headers)


async def test_those_of_another_generation_are_passed_over_and_own_ones_count_once() -> None:
    new, old = Rec(4, T0, event_bytes(account="acme.de", event_id="e1")), Rec(5, T0, event_bytes(account="xeno.com"))
    of_old, of_new = await copies("0", old, new), await copies("7", new, old)
    stand = stand_of("7")
    sent = [*of_old, *of_new, *of_new]
    records = [arrived(offset, copy) for offset, copy in enumerate(sent)]
    assert await process_batch(stand.context, await stand.partition(1), fetch(*records, partition=1)) == []
    assert stand.data(1).counts["applied"] == 2
    assert stand.data(1).counts["copies_passed_over"] == 4
    assert sorted(stand.data(1).states) == ["xacme.com", "xeno.com"]
    assert stand.data(1).origins == {TopicPartition(INTENT, 0): 5, TopicPartition(f"{INTENT}#generation", 0): 4}


async def test_what_no_alias_decides_is_known_by_its_copy_in_every_generation() -> None:
    """Else a rebuild decides it last, behind everything that came after it, or counts it twice."""
    old = await copies("0", Rec(5, T0, event_bytes(account="xeno.com")))
    assert "via.generation" not in dict(old[0].headers)
    stand = stand_of("7")
    sent = [*old, *await copies("7", Rec(5, T0, event_bytes(account="xeno.com")))]
    records = [arrived(offset, copy) for offset, copy in enumerate(sent)]
    assert await process_batch(stand.context, await stand.partition(1), fetch(*records, partition=1)) == []
    assert stand.data(1).counts == {"applied": 1, "copies_passed_over": 1}


async def test_what_was_an_alias_in_another_generation_is_not_taken_for_known() -> None:
    """Its copy is new, and lies behind a later one that this generation knows from before."""
    records = [Rec(4, T0, event_bytes(account="xold.de")), Rec(5, T0, event_bytes(account="xeno.com"))]
    aliases = Aliases.of({"xold.de": "xacme.com"}, BEGINNING)
    sent = [*await copies("0", *records, aliases=aliases)]
    no_more = aliases.changed({}, BEGINNING)
    sent += await copies("7", *records, aliases=no_more)
    stand = stand_of("7", no_more)
    made = [arrived(offset, copy) for offset, copy in enumerate(sent)]
    assert await process_batch(stand.context, await stand.partition(1), fetch(*made, partition=1)) == []
    assert sorted(stand.data(1).states) == ["xeno.com", "xold.de"]
    assert stand.data(1).counts["applied"] == 2


async def test_a_copy_of_before_epochs_counts_unless_it_names_what_is_an_alias_now() -> None:
    records = [Rec(n, T0, event_bytes(account=name)) for n, name in enumerate(("xeno.com", "acme.de"))]
    for epoch, applied in (("7", ["xeno.com"]), ("", ["xacme.com", "xeno.com"])):
        stand = stand_of(epoch)
        sent = [arrived(offset, copy) for offset, copy in enumerate(await copies("", *records))]
        assert await process_batch(stand.context, await stand.partition(1), fetch(*sent, partition=1)) == []
        assert sorted(stand.data(1).states) == applied


def act(account: str, number: int = 1) -> bytes:
    return write_action(AccountAction(account, str(UUID(int=number)), "do_not_contact", T0, "dana@example.com", "cli"))


async def test_an_action_on_an_alias_is_sent_to_its_account_once_and_what_is_misplaced_stays_refused() -> None:
    topic = TOPICS.actions
    records = [Rec(0, T0, act("acme.de")), Rec(1, T0 - 1, act("acme.de", 2)), Rec(2, T0, act("xeno.com", 3))]
    here = stand_of("7")
    assert await process_batch(here.context, await here.partition(), fetch(*records, topic=topic)) == []
    (copy,), (letter,) = here.producer.to(topic), here.producer.to(TOPICS.dead_letters)
    assert (copy.partition, copy.key, copy.value) == (1, b"xacme.com", records[0].value)
    assert b"belongs to partition 1, not 0" in (dict(letter.headers)["dlq.detail"] or b"")
    assert here.data().counts["actions_applied"] == 1, "of before it was an alias"

    there = stand_of("7")
    there.context.reading.ends = ends  # type: ignore[method-assign]
    sent = [arrived(0, copy), arrived(1, copy)]
    assert await process_batch(there.context, await there.partition(1), fetch(*sent, partition=1, topic=topic)) == []
    assert there.data(1).counts == {"actions_applied": 1, "copies_passed_over": 1}


async def ends(places: object) -> dict[TopicPartition, int]:
    return dict.fromkeys(places, 100)  # type: ignore[call-overload,no-any-return]
