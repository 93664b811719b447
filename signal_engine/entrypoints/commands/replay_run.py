"""A replay over files: events in order, through the engine, outputs collected until the end."""

import gc
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack
from types import TracebackType
from typing import Any, NamedTuple, Self, TypeVar

import orjson

from signal_engine.adapters.files.action_files import ActionFile, RefusedAction
from signal_engine.adapters.files.event_files import Arrivals, OutOfOrder, RefusedLine
from signal_engine.adapters.files.sorting import ExternalSorter
from signal_engine.adapters.files.text_files import Source
from signal_engine.core.alerting.alert import Alert
from signal_engine.core.delivery.holdback import NO_CONTROL_GROUP, ControlGroup
from signal_engine.core.delivery.routes import HAND_RAISES
from signal_engine.core.fit.reasons import Recorded
from signal_engine.core.flow import EventOutcome, ScoringContext
from signal_engine.core.rules.instants import BEGINNING
from signal_engine.engine.backtest.actions import ReplayedActions, TimedAction
from signal_engine.engine.backtest.arrivals import Block
from signal_engine.engine.backtest.replay import Replay, Verdicts
from signal_engine.engine.backtest.weekly_lists import WeeklyLists
from signal_engine.engine.distribution.replayed_market import MarketView
from signal_engine.engine.partition.ordinary.judge import JudgeFailed, judging
from signal_engine.engine.publishing.ranked_lists import Ranked
from signal_engine.engine.reports.misses.watcher import Watcher
from signal_engine.entrypoints.wiring.inputs import Inputs
from signal_engine.wire.output import entries
from signal_engine.wire.output.distribution import Distribution
from signal_engine.wire.output.models import ActionCounts, Entry, RejectedLine
from signal_engine.wire.storage.kept_json import kept


class ReplayOutput(NamedTuple):
    """The outputs at the end of a replay."""

    until: str | None
    """RFC 3339; None if there were no events."""
    config_version: str
    counts: dict[str, int]
    lists: dict[str, list[Entry]]
    distribution: Distribution


_Timed = TypeVar("_Timed", TimedAction, RefusedAction)


class ReplayRun:
    """One replay from files to outputs; a context manager, since alerts and rejects wait in temporary files."""

    def __init__(
        self,
        inputs: Inputs,
        files: Sequence[str],
        until: int | None,
        *,
        actions: ActionFile | None = None,
        group: ControlGroup = NO_CONTROL_GROUP,
        weekly: bool = False,
        watched: bool = False,
    ) -> None:
        """`actions` are people's, taken among the events; alerts of accounts that the `group` holds back are recorded;
        `weekly` also keeps who was on each list at each of the last weeks' ends; `watched`, what reports note.
        """
        self.inputs = inputs
        self._action_file, self._group = actions, group
        self._weekly, self._watched = weekly, watched
        self._until = until
        self._stack = ExitStack()
        self._outputs = self._stack.enter_context(ExitStack())
        self._sources = [Source(name) for name in files]
        for source in self._sources:
            self._stack.callback(source.close)
        self._names = [source.name for source in self._sources]
        self._start_over()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()

    def run(self, on_read: Callable[[int], None] = lambda _: None) -> ReplayOutput:
        """Process every event and rank the accounts; `on_read` gets the number of bytes of each read.

        Raises `UnreadableInput`.
        """
        self._tune_collector()
        for source in self._sources:
            source.on_read = on_read
        try:
            self._take_all()
        except JudgeFailed:  # Python is the judge from now on
            self._start_over()
            self._take_all()
        return self._output()

    def alerts(self) -> Iterator[bytes]:
        """Every alert as JSON, by instant, then account."""
        return (payload for _, payload in self._alerts)

    def rejected(self) -> Iterator[dict[str, Any]]:
        """Every rejected line, in input order."""
        for (file, line, reason, detail), _ in self._refused:
            named = {"file": self._names[file]} if len(self._names) > 1 else {}
            yield {**named, "line": line, "reason": reason, "detail": detail}

    def actions(self) -> ActionCounts | None:
        """What became of the actions, once the events have been taken; None without a file of them."""
        if self._acted is None or self._action_file is None:
            return None
        counts = {outcome.value: count for outcome, count in self._acted.counts.items()}
        refused: list[RejectedLine] = [
            {"line": one.line, "reason": one.refusal.reason, "detail": one.refusal.detail}
            for one in self._in_time(self._action_file.refused)
        ]
        return {
            "received": sum(counts.values()) + len(refused),
            "applied": counts["applied"],
            "duplicate": counts["duplicate"],
            "refused": refused,
        }

    def _in_time(self, lines: Iterable[_Timed]) -> list[_Timed]:
        """Those of a file of actions that are not after the end; one whose instant cannot be read is in time."""
        return [one for one in lines if self._until is None or one.now is None or one.now <= self._until]

    def _start_over(self) -> None:
        self._rejected = 0
        self._alert_count = 0
        self._outputs.close()
        self._alerts = self._outputs.enter_context(ExternalSorter())
        self._refused = self._outputs.enter_context(ExternalSorter())
        inputs = self.inputs
        self._view = MarketView(inputs.scoring, inputs.fits)
        scoring_context, icps = ScoringContext(inputs.scoring.policy), [icp.icp for icp in inputs.icps]
        actions = self._action_file
        acted = None if actions is None else ReplayedActions(inputs.fits, self._in_time(actions.actions))
        self._acted = acted
        fits = inputs.fits if acted is None else acted
        self.weeks = WeeklyLists(scoring_context, fits, icps, self._until) if self._weekly else None
        self.watcher = Watcher(inputs.scoring.policy) if self._watched else None
        self.replay = Replay(
            scoring_context,
            inputs.fits,
            icps,
            self._note_alert,
            view=self._view,
            weeks=self.weeks,
            watch=self.watcher,
            actions=acted,
            judge=judging.judge(scoring_context),
            market=self._view,
        )
        self.verdicts: Verdicts | None = None
        self.first: int | None = None
        """When (ms) the first event arrived."""

    def _take_all(self) -> None:
        inputs = self.inputs  # weeks are compared as they would have been, whenever their events were imported
        arrivals = Arrivals(self._sources, self._note_refusal, inputs.fits, inputs.aliases, as_live=self._weekly)
        try:
            self._take(arrivals.in_order())
        except OutOfOrder:
            self._start_over()
            self._take(arrivals.sorted(self._stack.enter_context(ExternalSorter())))

    def _take(self, blocks: Iterator[Block]) -> None:
        for block in blocks:
            if self.first is None and block.arrivals:
                self.first = block.arrivals[0].now
            self.replay.take(block, self._until)

    def _output(self) -> ReplayOutput:
        last = None if self._acted is None else self._acted.last
        end = max(self.replay.now, last or BEGINNING) if self._until is None else self._until
        lists: dict[str, list[Entry]] = {name: [] for name in ("all", *(i.icp for i in self.inputs.icps))}
        if end > BEGINNING:
            self.verdicts = verdicts = self.replay.end(end)
            for name, ranked in verdicts.lists.items():
                lists[name] = self._entries(ranked, verdicts)
        counts = {outcome.value: count for outcome, count in self.replay.counts.items()}
        counts["rejected"] = self._rejected
        return ReplayOutput(
            entries.instant(end if end > BEGINNING else None),
            self.inputs.scoring.config_version,
            {
                "received": sum(counts.values()),
                **{o.value: counts[o] for o in EventOutcome},
                "rejected": self._rejected,
            },
            lists,
            self._view.document(end),
        )

    def _entries(self, ranked: Ranked, verdicts: Verdicts) -> list[Entry]:
        before = verdicts.previous_ranks[ranked.name]
        return [
            entries.brief(entries.entry(place, rank, before.get(name), self.replay.snapshot(name, verdicts.until), fit))
            for rank, place in enumerate(ranked.listed, 1)
            for name in (place.candidate.account,)
            if (fit := self.replay.fit(name, verdicts.until)) is not None
        ]

    def _note_alert(self, alert: Alert) -> None:
        scoring, decided, of = self.inputs.scoring, alert.decision, alert.snapshot
        asks = decided.type in HAND_RAISES or of.pinned
        if decided.recorded is None and self._group.holds(of.account, decided.at, pinned=asks) is not None:
            alert = alert._replace(decision=decided._replace(recorded=Recorded.CONTROL_GROUP))
        document = entries.alert(alert, scoring.policy.lists.tier_weight, scoring.config_version)
        self._alert_count += 1  # of one account at one instant, in the order in which they were decided
        self._alerts.add((alert.decision.at, alert.snapshot.account, self._alert_count), kept(document))

    def _note_refusal(self, refused: RefusedLine) -> None:
        if self._until is None or refused.now is None or refused.now <= self._until:
            self._rejected += 1
            self._refused.add((refused.file, refused.line, refused.refusal.reason, refused.refusal.detail), b"")

    @staticmethod
    def _tune_collector() -> None:
        # Objects alive now stay alive, and a replay creates mostly tuples without cycles: +20 % events/s.
        gc.freeze()
        gc.set_threshold(1_000_000, 50, 1_000)


def json_document(run: ReplayRun, output: ReplayOutput) -> Iterator[bytes]:
    """Yield the JSON of `replay --json` in pieces, so that a million alerts need no memory."""
    actions = run.actions()
    head = orjson.dumps(output._asdict() if actions is None else {**output._asdict(), "actions": actions})
    yield head[:-1]
    yield b',"alerts":['
    for number, alert in enumerate(run.alerts()):
        yield b"," + alert if number else alert
    yield b'],"rejected":['
    for number, refused in enumerate(run.rejected()):
        yield b"," + orjson.dumps(refused) if number else orjson.dumps(refused)
    yield b"]}\n"
