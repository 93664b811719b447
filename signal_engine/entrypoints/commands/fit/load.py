"""What `fit load` does: read the accounts, say what would change, ask, write them to Kafka, put them in force."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AsyncExitStack
from functools import partial
from typing import Final, NamedTuple

import click

from signal_engine.adapters.files.spool import FileSpool
from signal_engine.adapters.files.text_files import UnreadableInput
from signal_engine.adapters.kafka.connecting.partitioning import partitioner
from signal_engine.adapters.kafka.fit_topics import KafkaLoads
from signal_engine.adapters.kafka.load_writer import LoadWriter
from signal_engine.adapters.terminal.screen import Warnings
from signal_engine.core.fit.icp import Icp
from signal_engine.core.flow import ScoringContext
from signal_engine.engine.distribution.stored_market import stored_distribution
from signal_engine.engine.fit.alias_news import AliasNews, alias_news
from signal_engine.engine.fit.loading import LoadSource, NewAccounts, SpoolPlace, new_accounts
from signal_engine.engine.fit.missing_columns import asked
from signal_engine.engine.fit.mover import icps_in_force, move_load_into_force
from signal_engine.engine.fit.plan import Plan, plan
from signal_engine.engine.fit.versions import FitVersions
from signal_engine.engine.ports.controls import FIT
from signal_engine.engine.ports.loaded_accounts import LoadedRecord
from signal_engine.engine.rules.icp_mover import PublishedIcps, icps_by_publication, published_icps
from signal_engine.engine.sync.back_in import Merging
from signal_engine.entrypoints.commands.fit.confirming import LoadOptions, confirm_load
from signal_engine.entrypoints.commands.fit.output import alias_document, plan_document
from signal_engine.entrypoints.wiring.connections import (
    View,
    clock,
    event_log,
    partitions_of,
    scoring_in_force,
    signal_partitions,
)
from signal_engine.entrypoints.wiring.generations import working_view
from signal_engine.entrypoints.wiring.inputs import accounts_at, icp_texts, read_icps
from signal_engine.entrypoints.wiring.kafka import accounts_loads, kafka_connection
from signal_engine.entrypoints.wiring.options import refuse
from signal_engine.entrypoints.wiring.reviews import warn_of_reviews
from signal_engine.entrypoints.wiring.rules.published import parsed, read_rules
from signal_engine.entrypoints.wiring.settings import Settings
from signal_engine.wire.config.accounts_file import AccountRow, AccountsFile, AccountsFileError
from signal_engine.wire.config.scoring_file import ScoringFile
from signal_engine.wire.config.yaml_files import ConfigurationError
from signal_engine.wire.output.operations.fit import FitLoad
from signal_engine.wire.rules.fit_load import AccountsLoad
from signal_engine.wire.storage import fit_rows
from signal_engine.wire.storage.building import Building
from signal_engine.wire.storage.in_force import AliasesInForce, FitInForce
from signal_engine.wire.topics import topic_names

_TRIES: Final = 5
Confirm = Callable[[LoadOptions, Plan], None]
"""Asks before a load, or raises."""


class _RunningLoad(NamedTuple):
    """One load under way."""

    settings: Settings
    options: LoadOptions
    view: View
    scoring: ScoringFile
    icps: tuple[Icp, ...]
    published: PublishedIcps | None
    """None: `options` name the ICP files."""
    partitions: int
    writer: LoadWriter | None
    """None for a dry run, and without the topics of loads."""
    confirmed: Confirm

    @property
    def loads(self) -> KafkaLoads:
        """What was loaded before."""
        return accounts_loads(self.settings)

    @property
    def tables(self) -> FitVersions:
        """The fit tables in force."""
        return fit_tables(self.view, self.partitions, self.loads)


async def load_accounts(
    settings: Settings, options: LoadOptions, merging: Merging | None = None, confirmed: Confirm = confirm_load
) -> FitLoad:
    """Plan, ask, load; return the document to show.

    `merging` changes the rows that stay; `confirmed` refuses a load that a person has to look at first, by raising.
    """
    partitions = None if options.dry_run else await signal_partitions(settings)
    async with AsyncExitStack() as stack:
        opened = working_view(settings, event_log(settings), say_begun, begin=not options.dry_run)
        view, own = await stack.enter_async_context(opened)
        if own.building is not None:
            click.echo("A rebuild is running: this fit table goes into the view being built.", err=True)
        scoring, warnings = await scoring_in_force(view, settings), Warnings()
        published = await _published(settings, view, options)
        icps = read_icps(options.icps, scoring, warnings) if published is None else parsed(published.files)
        warn_of_reviews(icps, clock())
        partitions = partitions or await partitions_of(view, settings)
        writer = await _writer(settings, options, partitions)
        if writer is not None:
            await stack.enter_async_context(writer)
        load = _RunningLoad(settings, options, view, scoring, icps, published, partitions, writer, confirmed)
        spool = stack.enter_context(FileSpool(partitions))
        before = await _ends(load) if writer is not None or options.merge else []
        try:
            table = await new_accounts(
                _source(options, icps),
                icps,
                SpoolPlace(spool, partitions, partitioner(partitions)),
                partial(_kept, load, before, merging) if options.merge else None,
                warnings,
            )
        except (AccountsFileError, UnreadableInput) as error:
            raise ConfigurationError([str(error)]) from None
        warnings.close()
        return await _planned(load, table, before)


def _kept(
    load: _RunningLoad, before: Sequence[int], merging: Merging | None, number: int
) -> AsyncIterator[Sequence[LoadedRecord]]:
    """What a partition has, as it is to be kept."""
    records = load.loads.read(number, before[number])
    return records if merging is None else merging.of(records)


async def _planned(load: _RunningLoad, table: NewAccounts, before: Sequence[int]) -> FitLoad:
    """Plan, ask, put in force; again where another load was first."""
    options, tables, policy = load.options, load.tables, ScoringContext(load.scoring.policy)
    for _ in range(_TRIES):
        planned, news = await plan(tables, table, policy, clock()), await alias_news(tables, table.aliases)
        if not options.dry_run:
            load.confirmed(options, planned)
            if not await _put_in_force(load, table, planned, before):
                continue
        rolled_out = None if options.dry_run else await _rolled_out(tables, planned, options)
        fits = (
            (number, {account: fit_rows.decode(row) for account, row in table.rows(number).items()})
            for number in range(load.partitions)
        )
        return {
            "loaded": not options.dry_run,
            **plan_document(planned),
            "taken_over": rolled_out,
            "aliases": alias_document(news, None if options.dry_run else await _new_aliases(tables, news)),
            "distribution": await stored_distribution(load.view.store, fits, load.scoring, clock()),
        }
    raise click.ClickException("other loads kept interfering; nothing was loaded")


async def _new_aliases(tables: FitVersions, news: AliasNews) -> AliasesInForce | None:
    """The alias map in force if the load changed it."""
    in_force = await tables.in_force() if news.added or news.removed else None
    return None if in_force is None else in_force.aliases


async def _put_in_force(load: _RunningLoad, table: NewAccounts, planned: Plan, before: Sequence[int]) -> bool:
    quiet, published = load.options.quiet, load.published
    files = icp_texts(load.options.icps) if published is None else published.files
    by = None if published is None else published.by
    icps = icps_in_force(files)
    if load.writer is None:
        return await load.tables.bring_into_force(planned.version, table, icps, clock, quiet=quiet)
    latest = await load.loads.latest()
    for number in range(load.partitions):
        await load.writer.write(await table.changed(number, load.loads.read(number, before[number])))
    loaded = AccountsLoad(
        number=1 if latest is None else latest.load.number + 1,
        loaded_at=clock(),
        accounts=table.accounts,
        ends=load.writer.ends(before),
        quiet=quiet,
        numbers=table.numbers,
        icps=files,
        aliases=len(table.aliases),
    )
    offset = await load.writer.finish(loaded)
    owners, end = partial(_owners, table), load.loads.end_of_rules
    now = await move_load_into_force(load.view.controls, loaded, offset, icps, by, owners=owners, clock=clock, end=end)
    planned.version = now.version
    return True


async def _owners(table: NewAccounts) -> Mapping[str, str]:
    return table.aliases


async def _published(settings: Settings, view: View, options: LoadOptions) -> PublishedIcps | None:
    """The published ICPs, by which accounts are decided once there are any; `--icp` is an error then, else required.

    A dry run goes by what is in force, and needs no Kafka.
    """
    stored = await view.controls.read(FIT)
    published = None if stored is None else icps_by_publication(FitInForce.decode(stored))
    if not options.dry_run:
        log = await read_rules(settings)
        published = None if log is None else published_icps(log)
    if published is not None and options.icps:
        named = ", ".join(f"{icp.icp} version {icp.version}" for icp in published.icps)
        refuse((f"--icp: ICPs are published ({named}); `signal-engine icp publish` changes them, leave --icp out",))
    if published is None and not options.icps:
        refuse(("--icp: is required as long as no ICP is published",))
    return published


async def _writer(settings: Settings, options: LoadOptions, partitions: int) -> LoadWriter | None:
    """What writes the load; None for a dry run, and where the topics are missing, which is said."""
    names = topic_names(settings.prefix)
    if options.dry_run and not options.merge:
        return None
    there = await accounts_loads(settings).partitions()
    if there is None:
        how = (
            f"topics {names.fit_accounts} and {names.rules} are missing; create them with `signal-engine topics create`"
        )
        if options.merge:
            raise ConfigurationError([f"{how}: --merge and --remove go by what they hold"])
        click.echo(f"warning: {how}. Until then a Redis that loses its data needs this load again.", err=True)
        return None
    if there != partitions:
        raise ConfigurationError(
            [f"topic {names.fit_accounts} has {there} partitions; the signal topics have {partitions}: create it anew"]
        )
    return None if options.dry_run else LoadWriter(kafka_connection(settings), names, settings.prefix, partitions)


async def _ends(load: _RunningLoad) -> list[int]:
    """The offsets behind what is in `fit.accounts` now."""
    if load.writer is not None and not load.writer.transactional:
        click.echo("warning: the broker has no transactions: a load that is cut short is there in parts", err=True)
    names = topic_names(load.settings.prefix)
    ends, latest = await load.loads.ends(names.fit_accounts, load.partitions), await load.loads.latest()
    # A broker from a wheel tells an end that is a batch behind.
    return [max(pair) for pair in zip(ends, latest.load.ends if latest else ends, strict=True)]


def _source(options: LoadOptions, icps: Sequence[Icp]) -> LoadSource:
    path = options.accounts
    leaving = frozenset() if options.remove is None else _leaving(options.remove, options)
    return LoadSource(None if path is None else lambda: _opened(path, options, icps), leaving, options.merge)


def _leaving(path: str, options: LoadOptions) -> frozenset[str]:
    """The accounts that `--remove` names; a row that names none is said."""
    leaving = set()
    for row in accounts_at(path, (), options.accounts_as).rows:
        if isinstance(row, AccountRow):
            leaving.add(row.account)
        else:
            click.echo(f"{path}:{row.line}: {row.reason}; the row removes nobody", err=True)
    return frozenset(leaving)


def _opened(path: str, options: LoadOptions, icps: Sequence[Icp]) -> AccountsFile:
    return accounts_at(path, asked(icps), options.accounts_as, whole=True)


async def _rolled_out(tables: FitVersions, planned: Plan, options: LoadOptions) -> str:
    """How many partitions have rolled the table out, after at most `wait` seconds."""
    deadline = time.monotonic() + options.wait
    while True:
        reached = await tables.partitions_at(planned.version)
        if reached == tables.partitions or time.monotonic() >= deadline:
            return f"{reached} of {tables.partitions} partitions"
        await asyncio.sleep(0.1)


def say_begun(building: Building) -> None:
    """Say that a rebuild started by itself."""
    del building
    click.echo(
        "Redis is empty, but lists were published before: a rebuild reads all events again, with this fit table.",
        err=True,
    )


def fit_tables(view: View, partitions: int, loads: KafkaLoads) -> FitVersions:
    """The fit tables of a view."""
    return FitVersions(view.store, view.controls, view.fit_changes, partitions, partitioner(partitions), loads)
