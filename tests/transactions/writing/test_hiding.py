"""What hides at once, and alerts that are no longer kept as they were."""

from signal_engine.engine.ports.history import Dated, History, Withdrawn
from signal_engine.engine.ports.store import Store
from signal_engine.engine.ports.transaction import PUBLISHER, Transaction


async def test_the_overlay_is_written_and_read_without_a_transaction(store: Store) -> None:
    assert await store.overlay(0) == {}
    await store.put_overlay(0, {})
    await store.put_overlay(0, {"a.com": b"1", "b.com": b"2"})
    await store.put_overlay(0, {"a.com": None, "c.com": b"\x003"})
    await store.put_overlay(PUBLISHER, {"changed": b"7"})
    assert await store.overlay(0) == {"b.com": b"2", "c.com": b"\x003"}
    assert await store.overlay(PUBLISHER) == {"changed": b"7"}
    assert await store.overlay(1) == {}
    assert (await store.positions(0)).counter == 0
    assert await store.damages(0) == []


async def test_an_alert_that_is_withdrawn_is_kept_as_what_it_is_now_also_when_that_is_repeated(store: Store) -> None:
    other = Dated(2, b"other")
    was = History(alerts={"a.com": [b"small", b"other small"]}, feed=[Dated(1, b"sent"), other])
    await store.apply(Transaction(partition=0, counter=0, history=was))
    now = History(
        alerts={"a.com": [b"small not sent"]},
        feed=[Dated(1, b"not sent")],
        withdrawn=[Withdrawn("a.com", b"sent", [b"small", b"small not sent"])],
    )
    for counter in (1, 2):
        await store.apply(Transaction(partition=0, counter=counter, history=now))
        assert await store.feed(0, 0, 10) == [other, Dated(1, b"not sent")]
        assert (await store.history(0, "a.com", [])).alerts == [b"small not sent", b"other small"]
