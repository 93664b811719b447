"""Read and check the input files of a command: scoring file, ICP files, accounts file."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

from signal_engine.adapters.files.text_files import Source, UnreadableInput, reason
from signal_engine.core.fit.icp import Fit, Icp
from signal_engine.engine.fit.missing_columns import asked
from signal_engine.engine.fit.table import AccountTable, account_table
from signal_engine.entrypoints.wiring.exports import mapped_accounts, named_mapping
from signal_engine.wire.config import icp_file, scoring_file
from signal_engine.wire.config.accounts_file import AccountsFile, AccountsFileError, read_csv, read_json_lines
from signal_engine.wire.config.scoring_advice import empty_lists, group_oddities
from signal_engine.wire.config.scoring_file import ScoringFile
from signal_engine.wire.config.yaml_files import ConfigurationError


class Inputs(NamedTuple):
    """Everything needed to score events."""

    scoring: ScoringFile
    icps: tuple[Icp, ...]
    fits: dict[str, Fit]


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
    path: str, icps: Sequence[Icp], warn: Callable[[str], None], mapping: str | None = None
) -> AccountTable:
    """The accounts file at `path` (CSV or JSON Lines, gzip or not), decided. Raises `ConfigurationError`.

    `mapping` is the name of a preset or the path of a mapping file by which somebody else's export is read.
    """
    try:
        return account_table(accounts_at(path, asked(icps), mapping), icps, warn)
    except (AccountsFileError, UnreadableInput) as error:
        raise ConfigurationError([str(error)]) from None


def accounts_at(path: str, fields: Sequence[str], mapping: str | None = None) -> AccountsFile:
    """The rows of the accounts file at `path`, of which the `fields` are asked; `mapping` as above.

    Raises `ConfigurationError`, and as its rows are read `AccountsFileError` and `UnreadableInput`.
    """
    if mapping is not None:
        return mapped_accounts(path, named_mapping(mapping), fields)
    lines = Source(path).lines()
    if path.removesuffix(".gz").endswith((".jsonl", ".ndjson", ".json")):
        return read_json_lines(path, lines, fields)
    return read_csv(path, (text.decode() + "\n" for text in lines), fields)


def read_inputs(
    scoring_path: str,
    icp_paths: Sequence[str],
    accounts_path: str,
    warn: Callable[[str], None],
    accounts_as: str | None = None,
) -> Inputs:
    """All three files. Raises `ConfigurationError`; `warn` gets a line for whatever is usable but faulty."""
    scoring = read_scoring(scoring_path)
    oddities = [*empty_lists(scoring)]
    icps = read_icps(icp_paths, scoring, oddities.append)
    fits = read_accounts(accounts_path, icps, warn, accounts_as)
    for line in oddities:
        warn(line)
    return Inputs(scoring, icps, fits)


def _bytes(path: str, hint: str = "") -> bytes:
    try:
        return Path(path).read_bytes()
    except OSError as error:
        raise ConfigurationError([f"{path}: cannot be read: {reason(error)}{hint}"]) from None
