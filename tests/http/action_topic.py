"""The topic `account.actions` in memory."""

from collections.abc import Callable, Sequence

from signal_engine.core.actions.action import AccountAction
from signal_engine.core.actions.log import Taken
from signal_engine.core.errors import SignalEngineError
from signal_engine.engine.door.past_actions import fold
from signal_engine.engine.ports.producer import ToSend
from signal_engine.wire.actions.record import read_action
from signal_engine.wire.storage.actions import StoredActions


class MemoryActionTopic:
    """`engine.door.door.ActionWriter` and `ActionHistory`. `away` is what Kafka fails with, if it does."""

    def __init__(self, clock: Callable[[], int]) -> None:
        self._clock = clock
        self.taken: list[Taken] = []
        self.away: SignalEngineError | None = None

    async def write(self, records: Sequence[ToSend]) -> Sequence[int]:
        if self.away is not None:
            raise self.away
        for record in records:
            action = read_action(record.value, self._clock())
            assert isinstance(action, AccountAction), action
            self.taken.append(Taken(self._clock(), action))
        return [self._clock() for _ in records]

    async def past(self, accounts: Sequence[str]) -> Sequence[StoredActions]:
        if self.away is not None:
            raise self.away
        return [fold(one for one in self.taken if one.action.account == account) for account in accounts]
