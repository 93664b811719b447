"""The topic `account.actions` in memory."""

from collections.abc import Awaitable, Callable, Sequence

from signal_engine.core.actions.action import AccountAction
from signal_engine.core.actions.log import LoggedAction
from signal_engine.core.errors import SignalEngineError
from signal_engine.engine.door.past_actions import fold
from signal_engine.engine.ports.producer import ToSend
from signal_engine.wire.actions.record import read_action
from signal_engine.wire.storage.actions import StoredActions


class MemoryActionTopic:
    """`engine.door.door.ActionWriter` and `ActionHistory`. `away` is what Kafka fails with, if it does."""

    def __init__(self, clock: Callable[[], int], apply: Callable[[str, bytes], Awaitable[None]] | None = None) -> None:
        """`apply` gives account and record to an engine; without it no engine runs."""
        self._clock = clock
        self._apply = apply
        self.taken: list[LoggedAction] = []
        self.away: SignalEngineError | None = None

    async def write(self, records: Sequence[ToSend]) -> Sequence[int]:
        if self.away is not None:
            raise self.away
        for record in records:
            assert record.value is not None
            action = read_action(record.value, self._clock())
            assert isinstance(action, AccountAction), action
            self.taken.append(LoggedAction(self._clock(), action))
            if self._apply is not None:
                await self._apply(action.account, record.value)
        return [self._clock() for _ in records]

    async def past(self, accounts: Sequence[str]) -> Sequence[StoredActions]:
        if self.away is not None:
            raise self.away
        return [fold(one for one in self.taken if one.action.account == account) for account in accounts]

    async def find(self, account: str, action_id: str) -> LoggedAction | None:
        if self.away is not None:
            raise self.away
        wanted = (account, action_id)
        return next((one for one in self.taken if (one.action.account, one.action.action_id) == wanted), None)

    def wrote(self, taken: LoggedAction) -> None:
        """It is in the topic."""
