"""Drafts of ICPs and scoring files beside what is in force: both replayed over the same events."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

from signal_engine.adapters.terminal.screen import Warnings
from signal_engine.core.fit.icp import Icp
from signal_engine.core.rules.aliases import Aliases
from signal_engine.engine.fit.table import AccountTable
from signal_engine.engine.reports.icp_diff import icp_diff
from signal_engine.engine.reports.market_diff import ComparedReplay, market_diff
from signal_engine.entrypoints.commands.compared_replay import compared_replay
from signal_engine.entrypoints.wiring.inputs import Inputs, read_icps, read_scoring
from signal_engine.entrypoints.wiring.options import refuse
from signal_engine.wire.config import yaml_files
from signal_engine.wire.config.scoring_file import ScoringFile
from signal_engine.wire.output.reports.icp_documents import MarketDifference
from signal_engine.wire.output.reports.review.documents import DraftReviewed

_END_OF_ALL = "all"
"""The list whose last standing says who enters and leaves by a scoring file."""


class DraftGround(NamedTuple):
    """What drafts are compared with."""

    events: tuple[str, ...]
    until: int
    """ms."""
    scoring: ScoringFile
    icps: tuple[Icp, ...]
    table: AccountTable
    read_table: Callable[[tuple[Icp, ...]], AccountTable]
    """The same accounts under other ICPs."""


def drafts_reviewed(paths: tuple[str, ...], now: DraftGround, warnings: Warnings) -> Iterator[DraftReviewed]:
    """What each draft would change; what is in force is replayed once. Raises what reading files does."""
    if not paths:
        return
    before = _replayed(now, now.scoring, now.icps, now.table)
    for path in paths:
        if "icp" in yaml_files.read(path, Path(path).read_bytes()).data:
            yield _icp(path, now, before, warnings)
        else:
            yield _scoring(path, now, before)


def _icp(path: str, now: DraftGround, before: ComparedReplay, warnings: Warnings) -> DraftReviewed:
    (draft,) = read_icps([path], now.scoring, warnings)
    old = next((icp for icp in now.icps if icp.icp == draft.icp), None)
    if old is None:
        refuse((f"{path}: is a draft of ICP {draft.icp}, which is not in force; `icp check` says what it admits",))
    icps = tuple(draft if icp.icp == draft.icp else icp for icp in now.icps)
    table = now.read_table(icps)
    market = market_diff(before, _replayed(now, now.scoring, icps, table))
    told = icp_diff(old, draft, now.read_table((old,)), now.read_table((draft,)), market)
    return _document(path, "icp", draft.icp, {str(name): many for name, many in told["counts"].items()}, market)


def _scoring(path: str, now: DraftGround, before: ComparedReplay) -> DraftReviewed:
    draft = read_scoring(path)
    market = market_diff(before, _replayed(now, draft, now.icps, now.table))
    last = [one for one in market["lists"] if one["list"] == _END_OF_ALL][-1]
    changes = {"enters": len(last["enter"]), "leaves": len(last["leave"])}
    return _document(path, "scoring", draft.config_version, changes, market)


def _document(path: str, of: str, name: str, changes: dict[str, int], market: MarketDifference) -> DraftReviewed:
    alerts = market["alerts"]
    return {
        "file": Path(path).name,
        "of": "icp" if of == "icp" else "scoring",
        "name": name,
        "changes": changes,
        "alerts_before": alerts["before"],
        "alerts_after": alerts["after"],
    }


def _replayed(now: DraftGround, scoring: ScoringFile, icps: tuple[Icp, ...], table: AccountTable) -> ComparedReplay:
    inputs = Inputs(scoring, icps, table.fits, Aliases.of(table.aliases))
    words = f"Replaying {scoring.config_version}"
    compared, _ = compared_replay(
        inputs, now.events, now.until, words, show_rejected=False, also=lambda _run, _until: None
    )
    return compared
