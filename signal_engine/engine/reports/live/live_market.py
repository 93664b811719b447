"""The live engine as the reports see it: one report, out of what the store keeps now.

Memory is bounded by the rows of a report, the criteria, and the names of one partition's accounts; never by the states.
"""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from signal_engine.core.actions.in_force import InForce
from signal_engine.core.delivery.holdback import ControlGroup
from signal_engine.core.delivery.team import Team
from signal_engine.core.fit.acted import by_rule
from signal_engine.core.fit.icp import Fit
from signal_engine.core.flow import ScoringContext
from signal_engine.core.rules.aliases import NO_ALIASES, Aliases
from signal_engine.core.score.snapshot import take_snapshot
from signal_engine.core.sync.wiring import NO_WIRING, WiringFacts
from signal_engine.engine.actions.inheriting import PartitionOf, inherited, with_inherited
from signal_engine.engine.actions.overlay import overlay_of, stored_with
from signal_engine.engine.context.aliases import AliasesLost, aliases_in_force
from signal_engine.engine.partition.account_cache import CachedAccount, read
from signal_engine.engine.partition.background_count import shares
from signal_engine.engine.ports.controls import CONTROL_GROUP, FIT, SCORING, Controls
from signal_engine.engine.ports.counters import OUTCOMES, REJECTED
from signal_engine.engine.ports.fit_changes import FitChanges
from signal_engine.engine.ports.loaded_accounts import LoadedAccounts
from signal_engine.engine.ports.store import Store
from signal_engine.engine.read_model.account_view import rules_by
from signal_engine.engine.read_model.concealing import shown
from signal_engine.engine.reports.builders import BUILDERS
from signal_engine.engine.reports.live.as_loaded import AccountsAsLoaded
from signal_engine.engine.reports.live.came_in import came_in_of
from signal_engine.engine.reports.live.lacks import ALIASES_LOST, LINES_NOT_KEPT, WITHOUT_ROWS
from signal_engine.engine.reports.live.walks import Batch, PartitionWalks, ReadActivity, plain
from signal_engine.engine.reports.misses.examining import ByDecisions, ByFields
from signal_engine.engine.reports.misses.reporting import (
    NO_GAPS,
    NOTHING_BESIDE,
    Beside,
    DataGaps,
    ReportBasis,
    ReportBuilder,
    SeenAccount,
)
from signal_engine.wire.config import scoring_file
from signal_engine.wire.config.scoring_advice import kinds_that_ask
from signal_engine.wire.output.reports.report_documents import Report
from signal_engine.wire.output.reports.reported_account import MAX_LIVE_ROWS, ReportName
from signal_engine.wire.storage import fit_rows
from signal_engine.wire.storage.in_force import FitInForce, ScoringInForce, decode_group

_ACCOUNTS_AT_ONCE: Final = 10
"""Accounts looked at between two pauses: each can take a millisecond."""
Pause = Callable[[], Awaitable[None]]
ReadWiring = Callable[[], Awaitable[WiringFacts]]
"""Reads what is known of the systems downstream; raises `SignalEngineError`."""


async def _go_on() -> None:
    """A pause of no length."""


@dataclass(frozen=True, slots=True)
class LiveMarket:
    """One generation. Changes nothing."""

    store: Store
    controls: Controls
    fit_changes: FitChanges
    partitions: int
    partition_of: PartitionOf
    pause: Pause = _go_on
    """Awaited after every few accounts, so that others are answered first."""
    max_rows: int = MAX_LIVE_ROWS
    loads: LoadedAccounts | None = None
    """Where the accounts as loaded are read; without it, reports go by decisions alone."""
    team: Team | None = None
    """The people of the routes file."""
    wiring: ReadWiring | None = None
    """Without it, nothing is known of the systems downstream."""
    activity: ReadActivity | None = None
    """Without it, nobody knows when sales were last active."""

    async def report(self, name: ReportName, now: int) -> Report | None:
        """One report at `now` (ms); None if nothing was ever computed.

        Raises `StoreTrouble`, what reading `loads` and `wiring` does, and `ConfigurationError` for a scoring file that
        this version cannot read.
        """
        scoring, stored = await self.controls.read(SCORING), await self.controls.read(FIT)
        if scoring is None:
            return None
        rules, fit = rules_by(scoring), FitInForce.decode(stored) if stored else None
        loaded = self._as_loaded(fit) if name in WITHOUT_ROWS else None
        lacks = [WITHOUT_ROWS[name]] if name in WITHOUT_ROWS and loaded is None and fit is not None else []
        basis = ReportBasis(
            now,
            rules.config_version,
            rules.scoring_context.policy,
            ByDecisions() if loaded is None else ByFields(loaded.decider.icps, loaded.fields),
            {icp.icp: icp.owner_email for icp in fit.icps} if fit else {},
            lacks,
            max_rows=self.max_rows,
            gaps=await self._gaps(scoring, loaded, lacks) if name == "data-quality" else NO_GAPS,
            team=self.team,
            wiring=await self.wiring() if name == "wiring" and self.wiring is not None else NO_WIRING,
        )
        builder, group = BUILDERS[name](basis), decode_group(await self.controls.read(CONTROL_GROUP))
        aliases = await self._aliases(lacks) if builder.walk == "outcomes" else NO_ALIASES
        for number in range(self.partitions if builder.walk != "nothing" else 0):
            if loaded is None:
                walks = PartitionWalks(
                    self.store, self.fit_changes, number, now, lacks, aliases, self.partition_of, self.activity, group
                )
                await self._show(walks, builder, now, rules.scoring_context)
            else:
                await self._show_loaded(number, builder, now, rules.scoring_context, loaded, group)
        if name == "data-quality" and loaded is not None and loaded.merged_without_ids:
            lacks.append(LINES_NOT_KEPT)
        return builder.document()

    def _as_loaded(self, fit: FitInForce | None) -> AccountsAsLoaded | None:
        """The accounts in Kafka; None where a command decided them, or where nobody reads them."""
        if fit is None or fit.load is None or self.loads is None:
            return None
        return AccountsAsLoaded(self.loads, fit, self.partitions, self.partition_of)

    async def _gaps(self, scoring: bytes, loaded: AccountsAsLoaded | None, lacks: list[str]) -> DataGaps:
        in_force, counts = ScoringInForce.decode(scoring), Counter[str]()
        for number in range(self.partitions):
            counts.update(await self.store.counts(number))
        parsed = await asyncio.to_thread(scoring_file.parse, in_force.name, in_force.text.encode())
        came_in = await came_in_of(self.store, self.partitions)
        lacks += came_in.lacks(sum(counts[outcome] for outcome in OUTCOMES if outcome != REJECTED))
        return DataGaps(
            {} if loaded is None else loaded.facts,
            came_in.titles(parsed.policy),
            came_in.engagement,
            shares(counts, kinds_that_ask(parsed)),
            came_in.sources,
        )

    async def _aliases(self, lacks: list[str]) -> Aliases:
        try:
            return await aliases_in_force(self.controls)
        except AliasesLost:
            lacks.append(ALIASES_LOST)
            return NO_ALIASES

    async def _show(self, walks: PartitionWalks, builder: ReportBuilder, now: int, context: ScoringContext) -> None:
        """Show the builder what it goes through of one partition."""
        number = walks.number
        over = await overlay_of(self.store, [number], now)
        async for batch in walks.of(builder, over):
            for count, (name, known) in enumerate(await self._loaded(number, batch, over, now), 1):
                if builder.walk != "states" or builder.wants(by_rule(known.fit)):
                    builder.add(_seen(name, known, now, context, walks.group, batch[name]))
                if count % _ACCOUNTS_AT_ONCE == 0:
                    await self.pause()
            await self.pause()

    async def _show_loaded(
        self,
        number: int,
        builder: ReportBuilder,
        now: int,
        context: ScoringContext,
        loaded: AccountsAsLoaded,
        group: ControlGroup,
    ) -> None:
        """Show the builder the accounts of a partition that it wants, by what Kafka has of them."""
        over = await overlay_of(self.store, [number], now)
        names = await self._with_signals(number, now) if builder.walk == "states" else None
        async for fits in loaded.read(number, names):
            wanted = {fit.account: fit for fit in fits if builder.wants(fit)}
            await self.pause()
            for count, (name, known) in enumerate(await self._loaded(number, plain(wanted), over, now, wanted), 1):
                builder.add(_seen(name, known, now, context, group))
                if count % _ACCOUNTS_AT_ONCE == 0:
                    await self.pause()

    async def _with_signals(self, number: int, now: int) -> set[str]:
        """The accounts of a partition that may be warm, hot or pinned."""
        names: set[str] = set()
        async for batch in PartitionWalks(self.store, self.fit_changes, number, now, []).states():
            names.update(batch)
            await self.pause()
        return names

    async def _loaded(
        self,
        number: int,
        batch: Batch,
        over: Mapping[str, InForce],
        now: int,
        by_load: Mapping[str, Fit] | None = None,
    ) -> Sequence[tuple[str, CachedAccount]]:
        """What is stored of the accounts of a batch, with what was only seen of their actions and what they inherit.

        `by_load` are their fit by the load in force, whether their partition has taken it over or not.
        """
        names = [*batch]
        if not names:
            return ()
        loaded = await self.store.load(number, names)
        rows = loaded.fits if by_load is None else [fit_rows.encode(by_load[name]) for name in names]
        acted = zip(names, rows, loaded.actions, strict=True)
        fits = {name: read(None, row, acts, name).fit for name, row, acts in acted}
        over = with_inherited(over, await inherited(self.store, self.partition_of, fits, now))
        return [
            (name, read(stored, row, stored_with(acts, over[name]) if name in over else acts, name))
            for name, stored, row, acts in zip(names, loaded.states, rows, loaded.actions, strict=True)
        ]


def _seen(
    name: str,
    known: CachedAccount,
    now: int,
    context: ScoringContext,
    group: ControlGroup,
    beside: Beside = NOTHING_BESIDE,
) -> SeenAccount:
    """An account at `now` (ms), never before it was decided; without signals where the `group` holds it back."""
    seen = shown(name, known.account, known.fit, now, context, group)
    snapshot = take_snapshot(name, seen.account, seen.at, context.policy)
    return SeenAccount(snapshot, seen.fit, seen.account, known.log, *beside)
