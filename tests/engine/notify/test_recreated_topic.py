"""The topic of alerts may end before the position of the ledger: nothing is passed over, and nothing comes twice."""

from tests.engine.notify.stand import NOON, PLAIN, FakeSender, NotifyStand, alert_at, names

FINDS = PLAIN._replace(finds=True)


async def test_a_topic_that_was_recreated_is_read_from_its_new_beginning() -> None:
    stand = NotifyStand(senders={"ops": FakeSender(FINDS)})
    await stand.plan(*(alert_at(f"a{number}.com", NOON) for number in range(3)))
    await stand.deliver()
    stand.records.clear()
    again = alert_at("a2.com", NOON)
    assert await stand.plan(again, alert_at("new.com", NOON)) == 2
    await stand.deliver()
    assert names(stand.senders["ops"].sent) == ["a0.com", "a1.com", "a2.com", "new.com"]
    ((level, _, facts),) = [line for line in stand.said.lines if line[1] == "alerts_cut_short"]
    assert (level, facts["position"], facts["end"]) == ("warning", 3, 2)


async def test_offsets_beyond_the_end_of_a_recreated_topic_make_no_new_alert_uncertain() -> None:
    stand = NotifyStand(senders={"ops": FakeSender(FINDS)})
    stand.add(alert_at("acme.com", NOON))
    stand.reader.committed = 7
    await stand.take()
    assert await stand.ledger.head(0) == (0, 1)
