"""The past of a command: files that it was given, or all that Kafka holds, written to files that go with it."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from signal_engine.adapters.kafka.past_topics import PastFiles, loaded_records, written_past
from signal_engine.adapters.terminal.screen import stderr
from signal_engine.core.fit.icp import Icp
from signal_engine.engine.fit.table import AccountTable
from signal_engine.engine.validation.loads.past_loads import (
    LoadHistory,
    PastLoad,
    account_history,
    past_loads,
    table_as_loaded,
)
from signal_engine.entrypoints.commands.validation.options import PastOptions
from signal_engine.entrypoints.wiring.connections import run_live
from signal_engine.entrypoints.wiring.inputs import read_account_table
from signal_engine.entrypoints.wiring.kafka import kafka_connection
from signal_engine.entrypoints.wiring.options import refuse
from signal_engine.entrypoints.wiring.settings import read_settings
from signal_engine.wire.output.words import count
from signal_engine.wire.topics import topic_names


class AccountsGiven(NamedTuple):
    """Where accounts come from: a file as of today, or the loads in Kafka."""

    path: str | None
    mapping: str | None
    loads: Sequence[PastLoad] = ()
    """Without a file; one at least."""

    def table(self, icps: Sequence[Icp], warn: Callable[[str], None]) -> AccountTable:
        """The accounts as of today, decided by `icps`. Raises `ConfigurationError`."""
        if self.path is None:
            return table_as_loaded(self.loads, icps)
        return read_account_table(self.path, icps, warn, self.mapping)

    def history(self, icps: Sequence[Icp], until: int) -> LoadHistory | None:
        """What was known of them up to `until` (ms); None of a file."""
        return None if self.path is not None else account_history(self.loads, icps, until)


class PastGiven(NamedTuple):
    """What a command reads."""

    events: tuple[str, ...]
    outcomes: str
    """Empty where nobody asks for them."""
    actions: str | None
    accounts: AccountsGiven


@contextmanager
def past_files(options: PastOptions) -> Iterator[PastGiven]:
    """The files of events, outcomes and actions, and the accounts. Exits with 2 where it is neither these nor Kafka."""
    events, outcomes, actions = options.events, options.outcomes, options.actions
    if options.kafka:
        if events or outcomes is not None or actions is not None:
            refuse(("--kafka reads events, outcomes and actions from Kafka: give no files of them",))
        accounts = AccountsGiven(options.accounts, options.accounts_as)
        if options.accounts is None:
            if options.accounts_as is not None:
                refuse(("--as goes with --accounts",))
            accounts = accounts._replace(loads=_loads())
        with TemporaryDirectory(prefix="signal-engine-past-") as folder:
            past = _from_kafka(Path(folder))
            if past.rejected:
                stderr().print(f"{count(past.rejected, 'record')} of the signal topics: no event, left out.")
            yield PastGiven(past.events, past.outcomes, past.actions, accounts)
        return
    if not events or outcomes is None or options.accounts is None:
        refuse(("give EVENTS, --accounts and --outcomes, or --kafka",))
    yield PastGiven(events, outcomes, actions, AccountsGiven(options.accounts, options.accounts_as))


@contextmanager
def market_files(options: PastOptions) -> Iterator[PastGiven]:
    """The same without outcomes and actions, where files are given; they need ICP files, too."""
    if options.kafka:
        with past_files(options) as given:
            yield given
        return
    if not options.events or options.accounts is None or not options.icps:
        refuse(("give --events, --accounts and --icp, or --kafka",))
    yield PastGiven(options.events, "", None, AccountsGiven(options.accounts, options.accounts_as))


def _from_kafka(folder: Path) -> PastFiles:
    settings = read_settings()
    return run_live(written_past(kafka_connection(settings), topic_names(settings.prefix), folder))


def _loads() -> Sequence[PastLoad]:
    settings = read_settings()
    found = past_loads(run_live(loaded_records(kafka_connection(settings), topic_names(settings.prefix))))
    if found.unreadable:
        stderr().print(f"{count(found.unreadable, 'row')} of accounts loads: cannot be read, left out.")
    if not found.loads:
        refuse(("no accounts were ever loaded with `fit load`; give --accounts",))
    return found.loads
