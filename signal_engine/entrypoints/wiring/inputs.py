"""Read and check the input files of a command: scoring file, ICP files, accounts file."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple

from signal_engine.adapters.files.text_files import Source, UnreadableInput, reason
from signal_engine.core.alerting.plays import Play
from signal_engine.core.fit.icp import Fit, Icp
from signal_engine.core.rules.aliases import NO_ALIASES, Aliases
from signal_engine.core.rules.instants import BEGINNING
from signal_engine.engine.fit.missing_columns import asked
from signal_engine.engine.fit.table import AccountTable, account_columns, account_table
from signal_engine.entrypoints.wiring.exports import looks_like_accounts, mapped_accounts, named_mapping
from signal_engine.entrypoints.wiring.settings_sources import find
from signal_engine.wire.config import icp_file, plays_file, scoring_file
from signal_engine.wire.config.accounts_file import AccountsFile, AccountsFileError, read_csv, read_json_lines
from signal_engine.wire.config.scoring_advice import empty_lists, group_oddities
from signal_engine.wire.config.scoring_file import ScoringFile
from signal_engine.wire.config.yaml_files import ConfigurationError, Document
from signal_engine.wire.delivery import routes_file
from signal_engine.wire.delivery.routes_file import RoutesFile
from signal_engine.wire.rules.fit_load import LoadedIcp

DEFAULT_PLAYS: Final = "config/plays.yaml"
DEFAULT_ROUTES: Final = "config/routes.yaml"
DEFAULT_SYNC: Final = "config/sync.yaml"


class Inputs(NamedTuple):
    """Everything needed to score events."""

    scoring: ScoringFile
    icps: tuple[Icp, ...]
    fits: dict[str, Fit]
    aliases: Aliases = NO_ALIASES


def read_scoring(path: str) -> ScoringFile:
    """The scoring file at `path`. Raises `ConfigurationError`."""
    return scoring_file.parse(path, _bytes(path, hint="; SIGNAL_ENGINE_SCORING sets its path"))


def read_icps(
    paths: Sequence[str], scoring: ScoringFile, warn: Callable[[str], None] = lambda _: None
) -> tuple[Icp, ...]:
    """The ICP files at `paths`, checked together and against the scoring file; `warn` gets a line per oddity.

    Raises `ConfigurationError`.
    """
    errors: list[str] = []
    read = []
    for path in paths:
        try:
            read.append(icp_file.parse(path, _bytes(path), scoring.policy))
        except ConfigurationError as error:
            errors += error.lines
    if errors:
        raise ConfigurationError(errors)
    for icp, document in read:
        for line in group_oddities(icp, document, scoring.policy):
            warn(line)
    return icp_file.together(read)


def read_accounts(
    path: str, icps: Sequence[Icp], warn: Callable[[str], None], mapping: str | None = None
) -> dict[str, Fit]:
    """The accounts file at `path`, decided; as `read_account_table`. Raises `ConfigurationError`."""
    return read_account_table(path, icps, warn, mapping).fits


def read_account_table(
    path: str, icps: Sequence[Icp], warn: Callable[[str], None], mapping: str | None = None, *, whole: bool = False
) -> AccountTable:
    """The accounts file at `path` (CSV or JSON Lines, gzip or not), decided. Raises `ConfigurationError`.

    `mapping` is the name of a preset or the path of a mapping file by which somebody else's export is read. Of `whole`
    rows the table tells which columns nobody reads.
    """
    try:
        return account_table(accounts_at(path, asked(icps), mapping, whole=whole), icps, warn)
    except (AccountsFileError, UnreadableInput) as error:
        raise ConfigurationError([str(error)]) from None


def read_account_columns(
    path: str, warn: Callable[[str], None], mapping: str | None = None
) -> dict[str, dict[str, Any]]:
    """Account -> its row of the accounts file at `path`, column as written; as above. Raises `ConfigurationError`."""
    try:
        return account_columns(accounts_at(path, (), mapping, whole=True), warn)
    except (AccountsFileError, UnreadableInput) as error:
        raise ConfigurationError([str(error)]) from None


def accounts_at(path: str, fields: Sequence[str], mapping: str | None = None, *, whole: bool = False) -> AccountsFile:
    """The rows of the accounts file at `path`, of which the `fields` are asked; `mapping` as above.

    `whole` rows have all columns, too.

    Raises `ConfigurationError`, `AccountsFileError` (which names the preset that would read the file) and
    `UnreadableInput`, the last two also as its rows are read.
    """
    if mapping is not None:
        return mapped_accounts(path, named_mapping(mapping), fields, whole=whole)
    lines = Source(path).lines()
    if path.removesuffix(".gz").endswith((".jsonl", ".ndjson", ".json")):
        return read_json_lines(path, lines, fields, whole=whole)
    try:
        return read_csv(path, (text.decode() + "\n" for text in lines), fields, whole=whole)
    except AccountsFileError as error:
        if (name := looks_like_accounts(path)) is None:
            raise
        raise AccountsFileError(
            f"{error}; it looks like {name}: say --as {name} (--accounts-as where --as is for signals)"
        ) from None


def read_inputs(
    scoring_path: str,
    icp_paths: Sequence[str],
    accounts_path: str,
    warn: Callable[[str], None],
    accounts_as: str | None = None,
    aliases_since: int = BEGINNING,
) -> Inputs:
    """All three files. Raises `ConfigurationError`; `warn` gets a line for whatever is usable but faulty.

    The aliases of the accounts file hold for what arrived at `aliases_since` (ms) or later.
    """
    scoring = read_scoring(scoring_path)
    oddities = [*empty_lists(scoring)]
    icps = read_icps(icp_paths, scoring, oddities.append)
    table = read_account_table(accounts_path, icps, warn, accounts_as)
    for line in oddities:
        warn(line)
    return Inputs(scoring, icps, table.fits, Aliases.of(table.aliases, aliases_since))


def read_plays(path: str) -> tuple[tuple[Play, ...], Document]:
    """The plays file at `path`, and where each play stands in it. Raises `ConfigurationError`."""
    return plays_file.parse(path, _bytes(path, hint="; SIGNAL_ENGINE_PLAYS sets its path"))


def served_plays() -> tuple[Play, ...]:
    """The plays of the file that is set, and no other setting; none where neither it nor the default file exists.

    Raises `ConfigurationError`.
    """
    found = find(("plays",), ()).get("plays")
    if found is None and not Path(DEFAULT_PLAYS).is_file():
        return ()
    return read_plays(found.value if found else DEFAULT_PLAYS)[0]


def routes_path() -> str:
    """The path of the routes file that is set, and no other setting."""
    found = find(("routes",), ()).get("routes")
    return found.value if found else DEFAULT_ROUTES


def read_routes(path: str) -> RoutesFile:
    """The routes file at `path`. Raises `ConfigurationError`."""
    return routes_file.parse(path, _bytes(path, hint="; SIGNAL_ENGINE_ROUTES sets its path"))


def served_routes() -> RoutesFile | None:
    """The routes file that is set; None where neither it nor the default file exists. Raises `ConfigurationError`."""
    path = routes_path()
    return read_routes(path) if Path(path).is_file() or find(("routes",), ()) else None


def icp_texts(paths: Sequence[str]) -> tuple[LoadedIcp, ...]:
    """The ICP files at `paths` as they are written. Raises `ConfigurationError`."""
    return tuple(LoadedIcp(Path(path).name, _bytes(path).decode()) for path in paths)


def _bytes(path: str, hint: str = "") -> bytes:
    try:
        return Path(path).read_bytes()
    except OSError as error:
        raise ConfigurationError([f"{path}: cannot be read: {reason(error)}{hint}"]) from None
