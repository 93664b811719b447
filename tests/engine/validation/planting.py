"""A planted market, replayed and judged in this process."""

from pathlib import Path
from typing import Any

from signal_engine.adapters.files.action_files import read_actions
from signal_engine.adapters.files.outcome_files import read_outcomes
from signal_engine.core.rules.instants import BEGINNING
from signal_engine.engine.validation.deals import deals
from signal_engine.engine.validation.report import Replayed, validation
from signal_engine.entrypoints.commands.validation.run import Past, replay_past
from signal_engine.entrypoints.wiring.inputs import read_account_table, read_icps, read_scoring
from signal_engine.simulation.planted.files import PlantedFiles, write_planted
from signal_engine.simulation.planted.market import Planted
from signal_engine.wire.output.reports.validation_documents import Validation

SMALL: dict[str, Any] = {"accounts": 220, "weeks": 30, "wins": 70, "losses": 10}


def replayed(files: PlantedFiles, actions: str | None = None, **changed: Any) -> Replayed:
    """The past that `files` hold."""
    return replay_past(past_of(files, actions, **changed)).replayed


def past_of(files: PlantedFiles, actions: str | None = None, **changed: Any) -> Past:
    """The same before it is replayed; outcomes count up to its `until` (ms)."""
    rules = read_scoring(str(files.scoring))
    icps = read_icps([str(files.icp)], rules)
    table = read_account_table(str(files.accounts), icps, lambda _: None)
    outcomes = read_outcomes(str(files.outcomes)).outcomes
    end = changed.pop("until", max(one.at for one in outcomes))
    acted = None if actions is None else read_actions(actions, table.fits).actions
    told = deals(one for one in outcomes if one.at <= end)
    past = Past([str(files.events)], rules, icps, table, told, acted, (), (), BEGINNING, end)
    return past._replace(**changed)


def judged(told: Planted, folder: Path, capacity: int = 20, **changed: Any) -> Validation:
    """The report on a planted market."""
    return validation(replayed(write_planted(told, folder), **changed), "mondays", capacity, 1)
