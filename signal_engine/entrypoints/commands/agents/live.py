"""What agents ask, answered from the live engine. Each question opens the generation that is served by then."""

from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager

from signal_engine.core.alerting.plays import Play
from signal_engine.engine.read_model.list_cache import is_stale
from signal_engine.engine.read_model.whose import AlertFilter
from signal_engine.entrypoints.commands.accounts.sources import explained_live, live_accounts
from signal_engine.entrypoints.commands.explanation import NothingToExplain
from signal_engine.entrypoints.wiring.connections import View, clock, served_view
from signal_engine.entrypoints.wiring.settings import Settings
from signal_engine.wire.output.api_documents import ListDocument
from signal_engine.wire.output.models import Alert
from signal_engine.wire.output.operations.explain import ExplainDocument


class LiveAnswers:
    """Redis as it is now. Every method may raise `StoreTrouble`."""

    def __init__(
        self,
        settings: Settings,
        plays: tuple[Play, ...],
        opened: Callable[[Settings], AbstractAsyncContextManager[View]] = served_view,
        now: Callable[[], int] = clock,
    ) -> None:
        """`opened` opens what is served, and `now` tells the time in ms."""
        self._settings, self._plays, self._opened, self._now = settings, plays, opened, now

    async def list_names(self) -> Sequence[str]:
        """See `Answers`."""
        async with self._opened(self._settings) as view:
            return await (await live_accounts(view)).accounts.list_names()

    async def served(self, name: str) -> ListDocument | None:
        """See `Answers`."""
        async with self._opened(self._settings) as view:
            listed = await (await live_accounts(view)).accounts.served(name)
        return None if listed is None else {**listed, "stale": is_stale(listed, self._now())}

    async def explained(self, names: Sequence[str], *, with_what_if: bool) -> Sequence[ExplainDocument]:
        """See `Answers`. Raises `NothingToExplain`."""
        async with self._opened(self._settings) as view:
            documents = await explained_live(
                view, self._settings, names, self._plays, self._now(), with_what_if=with_what_if
            )
        if documents is None:
            raise NothingToExplain("nothing to explain yet: no worker has run on this Redis and prefix")
        return documents

    async def alerts(self, since: int, limit: int, wanted: AlertFilter) -> Sequence[Alert]:
        """See `Answers`."""
        async with self._opened(self._settings) as view:
            live = await live_accounts(view)
            return await live.accounts.feed(live.partitions, since, limit, wanted)
