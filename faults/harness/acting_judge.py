"""The judge of an engine that takes account actions: `replay --actions` of what the topics hold."""

from typing import Any, Final

import orjson

from faults.harness.judge import Judge
from faults.scenario import Verdict
from signal_engine.adapters.files.action_files import ActionFile, read_actions
from signal_engine.engine.ports.counters import ACTION_OUTCOMES
from signal_engine.wire.instants import format_instant
from testing.topics import ACTIONS

_END: Final = "2999-01-01T00:00:00Z"


class ActingJudge(Judge):
    """As `Judge`; every action has to be counted once, too."""

    _acts: tuple[Any, ...] = ()

    async def verdict(self) -> Verdict:
        """See `Judge`."""
        self._acts = tuple(await self.read(ACTIONS))

        async def counted() -> bool:
            counts = await self._stage.counts()
            return sum(counts[name] for name in ACTION_OUTCOMES) >= len(self._acts)

        await self._stage.until(counted, self._within, "not every action was taken")
        verdict = await super().verdict()
        counts, expected = await self._stage.counts(), self.replayed(await self.sent(), _END)["actions"]
        differs = [
            f"actions {outcome}: {counts[f'actions_{outcome}']} for {expected[outcome]}"
            for outcome in ("applied", "duplicate")
            if counts[f"actions_{outcome}"] != expected[outcome]
        ]
        return verdict._replace(differs=(*verdict.differs, *differs))

    def _actions(self) -> ActionFile:
        path = self._stage.folder / "acted.jsonl"
        with path.open("wb") as out:
            for one in self._acts:
                received = {"received_at": format_instant(one.timestamp)}
                out.write(orjson.dumps({**orjson.loads(one.value), **received}) + b"\n")
        return read_actions(str(path), ())
