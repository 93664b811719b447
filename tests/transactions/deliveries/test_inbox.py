"""Messages that stay on this machine, the same on the twin, on Valkey and on Redis."""

from signal_engine.engine.ports.delivery.inbox import MESSAGES_KEPT
from signal_engine.wire.messages.inbox import InboxMessage
from tests.transactions.places import Place

NOW = 1_800_000_000_000


def a_message(number: int) -> InboxMessage:
    return InboxMessage(f"C1/{number}", "slack", NOW + number, None, "#west", {"text": str(number)})


async def test_the_newest_are_read_first_and_one_that_comes_again_takes_its_place(place: Place) -> None:
    inbox = place.inbox()
    assert await inbox.newest(10) == []
    for number in (2, 1, 3):
        await inbox.put(a_message(number))
    edited = a_message(1)._replace(changed_at=NOW + 9, content={"text": "edited"}, answered="You have claimed it")
    await inbox.put(edited)
    assert await inbox.newest(2) == [a_message(3), a_message(2)]
    assert await inbox.newest(10) == [a_message(3), a_message(2), edited]
    assert (await inbox.read("C1/1"), await inbox.read("C1/9")) == (edited, None)


async def test_the_oldest_are_let_go(place: Place) -> None:
    inbox = place.inbox()
    for number in range(MESSAGES_KEPT + 3):
        await inbox.put(a_message(number))
    kept = await inbox.newest(2 * MESSAGES_KEPT)
    assert (len(kept), kept[-1]) == (MESSAGES_KEPT, a_message(3))
