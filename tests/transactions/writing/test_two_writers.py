"""Two writers of one partition: exactly one wins each counter, and every record counts exactly once."""

import asyncio
from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from signal_engine.engine.ports.store import Store
from signal_engine.engine.ports.transaction import Applied, Outbox, Outgoing, Positions, TopicRead, Transaction
from tests.transactions.places import MemoryPlace, Place

TOPICS = ("signals.intent", "signals.hiring")
WRITERS = 4


class Writer:
    """A worker as the engine will have it: knows how things stand, reads a topic from there, goes on or starts anew.

    Its state is the number of records that it has counted, cached between transactions; a stale one would lose records.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._known = Positions(0, {}, {})
        self._counted = 0
        self.won: list[int] = []

    async def take_over(self) -> None:
        self._known = await self._store.positions(0)
        (state,) = (await self._store.load(0, ["acme.com"])).states
        self._counted = int(state or b"0")

    async def transaction(self, topic: str, records: int) -> bool:
        counter, topics, *_ = self._known
        start = topics.get(topic, 0)
        counted = self._counted + records
        transaction = Transaction(
            partition=0,
            counter=counter,
            reads=[TopicRead(topic, start, start + records)],
            states={"acme.com": str(counted).encode()},
            outbox={Outbox.ALERTS: [Outgoing("alerts", f"{topic}/{start + n}", None) for n in range(records)]},
            counts={"received": records},
        )
        answer = await self._store.apply(transaction)
        if not isinstance(answer, Applied):
            return False
        self.won.append(counter)
        self._known = Positions(answer.counter, {**topics, topic: start + records}, {})
        self._counted = counted
        return True


async def hold(store: Store, writers: list[Writer]) -> None:
    """What must be true however the writers took turns."""
    counter, topics, *_ = await store.positions(0)
    assert sorted(won for writer in writers for won in writer.won) == list(range(counter))
    read = sum(topics.values())
    assert (await store.counts(0)).get("received", 0) == read
    assert (await store.load(0, ["acme.com"])).states == [str(read).encode() if counter else None]
    left = Counter(waiting.record.key for waiting in await store.waiting(0, Outbox.ALERTS, 100_000))
    assert left == Counter(f"{topic}/{offset}" for topic, end in topics.items() for offset in range(end))


move = st.tuples(st.integers(0, 1), st.sampled_from(["take over", *TOPICS]), st.integers(0, 3))


@given(moves=st.lists(move, max_size=60))
def test_however_two_writers_take_turns_exactly_one_wins_each_counter(moves: list[tuple[int, str, int]]) -> None:
    async def play() -> None:
        store = MemoryPlace().store()
        writers = [Writer(store), Writer(store)]
        for writer, action, records in moves:
            if action == "take over":
                await writers[writer].take_over()
            else:
                await writers[writer].transaction(action, records)
        await hold(store, writers)

    asyncio.run(play())


async def test_writers_that_race_win_each_counter_exactly_once(place: Place) -> None:
    store = place.store()
    writers = [Writer(store) for _ in range(WRITERS)]
    refused = 0

    async def race(writer: Writer, number: int) -> None:
        nonlocal refused
        while len(writer.won) < 25:
            if not await writer.transaction(TOPICS[(number + len(writer.won)) % 2], 1 + number % 3):
                refused += 1
                await writer.take_over()

    await asyncio.gather(*(race(writer, number) for number, writer in enumerate(writers)))
    assert (await store.positions(0)).counter == 25 * WRITERS
    await hold(store, writers)
    assert refused or isinstance(place, MemoryPlace), "nobody was ever in another's way: this was no race"


async def test_of_many_that_send_the_same_counter_one_wins(place: Place) -> None:
    store = place.store()
    for counter in range(10):
        transactions = [Transaction(partition=0, counter=counter, states={"who": str(n).encode()}) for n in range(20)]
        answers = await asyncio.gather(*map(store.apply, transactions))
        (winner,) = [n for n, answer in enumerate(answers) if isinstance(answer, Applied)]
        assert (await store.load(0, ["who"])).states == [str(winner).encode()]
