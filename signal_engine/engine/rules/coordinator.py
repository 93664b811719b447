"""The coordinator: follows the topic of rules and moves what is in force. The owner of partition 0 runs it.

A second one, by mistake, does no harm: each move is a compare-and-set, and only goes to a higher offset.
"""

from collections.abc import Awaitable, Sequence
from typing import Final

from signal_engine.core.errors import SignalEngineError
from signal_engine.engine.context.engine_context import EngineContext
from signal_engine.engine.ports.controls import SCORING
from signal_engine.engine.ports.loaded_accounts import LoadedAccounts
from signal_engine.engine.ports.log_events.processes import (
    FirstRulesPublished,
    RulesNotPublished,
    RulesUnreadable,
)
from signal_engine.engine.ports.rules_topic import RuleRecord, RulesPublisher, RulesTail, ToPublish
from signal_engine.engine.rules.first_start import first_rules
from signal_engine.engine.rules.icp_mover import NothingToDecide, move_icps
from signal_engine.engine.rules.load_mover import move_load
from signal_engine.engine.rules.log import RulesLog
from signal_engine.engine.rules.publishing import RuleRefused, to_publish
from signal_engine.engine.rules.scoring_mover import move_scoring
from signal_engine.wire.config.yaml_files import ConfigurationError
from signal_engine.wire.rules.fit_load import LoadedIcp
from signal_engine.wire.rules.record import FIRST_START, Signed
from signal_engine.wire.storage.in_force import ScoringInForce

_RETRY_MS: Final = 30_000
_FIRST_REASON: Final = "In force when the topic of rules was first read."


class Coordinator:
    """One run, from taking partition 0 to its release."""

    def __init__(
        self,
        context: EngineContext,
        tail: RulesTail,
        publisher: RulesPublisher,
        local_icps: Sequence[LoadedIcp] = (),
        loads: LoadedAccounts | None = None,
    ) -> None:
        """`local_icps` are published if the topic has none. `loads` raises where it cannot read: other rules do not
        wait for a load.
        """
        self._loads = loads
        self._local_icps = local_icps
        self._context = context
        self._tail = tail
        self._publisher = publisher
        self._log = RulesLog()
        self._said: set[str] = set()
        self._try_again_at = 0
        self._load_again_at = 0

    async def run(self) -> None:
        """Runs until cancelled. Raises `RebuildNeeded`."""
        self._log = RulesLog()
        await self._tail.run(self._take)

    async def _take(self, records: Sequence[RuleRecord]) -> None:
        for record in records:
            self._log.take(record)
        if not records:  # at the end: a part of the topic must not pass for all of it
            self._say_unreadable()
            await self._context.check_generation()
            if self._log.current_scoring is None or (self._local_icps and self._log.current_icps is None):
                await self._publish_first()
            controls, log, loads, end = self._context.controls, self._log, self._loads, self._tail.end
            await self._move(move_scoring(controls, log, end, self._context.reached))
            if log.load is not None and loads is not None and self._context.clock() >= self._load_again_at:
                load, offset = log.load.rule, log.load.offset
                if not await self._move(move_load(controls, log, load, offset, loads, self._context.clock, end)):
                    self._load_again_at = self._context.clock() + _RETRY_MS
            await self._move(move_icps(controls, log, end))

    async def _move(self, moving: Awaitable[None]) -> bool:
        try:
            await moving
        except ConfigurationError as error:  # what is in force stays
            words = error.lines[0]
            self._say(words, RulesUnreadable(problem=words))
            return False
        except NothingToDecide as error:
            self._say(str(error), RulesNotPublished(reason=str(error)))
            return False
        return True

    async def _publish_first(self) -> None:
        """The rules that workers brought from their files, so that they survive the store."""
        context = self._context
        stored = await context.controls.read(SCORING)
        if stored is None or context.clock() < self._try_again_at:
            return
        in_force = ScoringInForce.decode(stored)
        signed = Signed(FIRST_START, _FIRST_REASON, context.clock())

        def decide(there: Sequence[RuleRecord]) -> Sequence[ToPublish]:
            return to_publish(first_rules(in_force, self._local_icps, signed, RulesLog.of(there)))

        self._try_again_at = context.clock() + _RETRY_MS
        try:
            await self._publisher.publish(decide)
        except RuleRefused:  # somebody was first, and it is read in a moment
            return
        except SignalEngineError as error:
            self._say(str(error), RulesNotPublished(reason=str(error)))
        else:
            names = ",".join(file.name for file in self._local_icps)
            context.event_log.write(FirstRulesPublished(config_version=in_force.config_version, icp_files=names))

    def _say_unreadable(self) -> None:
        for words in (*(one.words for one in self._log.unreadable), *self._log.missing()):
            self._say(words, RulesUnreadable(problem=words))

    def _say(self, what: str, event: RulesNotPublished | RulesUnreadable) -> None:
        if what not in self._said:
            self._said.add(what)
            self._context.event_log.write(event)
