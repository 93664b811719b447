"""What agents ask, answered from a replay of event files."""

from collections import deque
from collections.abc import Sequence

import orjson

from signal_engine.core.alerting.plays import Play
from signal_engine.core.rules.instants import BEGINNING
from signal_engine.engine.read_model.whose import AlertFilter
from signal_engine.entrypoints.commands.accounts.sources import explained_replay
from signal_engine.entrypoints.commands.replay_run import ReplayOutput, ReplayRun
from signal_engine.wire.instants import parse_instant
from signal_engine.wire.output.api_documents import ListDocument
from signal_engine.wire.output.models import Alert
from signal_engine.wire.output.operations.explain import ExplainDocument


class FileAnswers:
    """The market at the end of one replay, which must stay open."""

    def __init__(self, run: ReplayRun, output: ReplayOutput, plays: Sequence[Play]) -> None:
        self._run, self._output, self._plays = run, output, plays

    async def list_names(self) -> Sequence[str]:
        """See `Answers`."""
        return [*self._output.lists]

    async def served(self, name: str) -> ListDocument | None:
        """See `Answers`; a list of files is complete to its end, and never stale."""
        entries = self._output.lists.get(name)
        if entries is None:
            return None
        return {
            "list": name,
            "version": 0,
            "generated_at": self._output.until,
            "complete_until": self._output.until,
            "stale": False,
            "config_version": self._output.config_version,
            "entries": entries,
        }

    async def explained(self, names: Sequence[str], *, with_what_if: bool) -> Sequence[ExplainDocument]:
        """See `Answers`. Raises `NothingToExplain`."""
        return explained_replay(self._run, names, self._plays, with_what_if=with_what_if)

    async def alerts(self, since: int, limit: int, wanted: AlertFilter) -> Sequence[Alert]:
        """See `Answers`."""
        newest: deque[Alert] = deque(maxlen=limit)
        for payload in self._run.alerts():
            alert: Alert = orjson.loads(payload)
            if wanted.accepts(alert) and (since == BEGINNING or parse_instant(alert["at"]) >= since):
                newest.append(alert)
        return [*reversed(newest)]
