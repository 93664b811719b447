"""A planted market whose accounts came by loads."""

from collections.abc import Sequence
from typing import Any

from signal_engine.engine.ports.loaded_accounts import DatedRecord
from signal_engine.engine.validation.loads.past_loads import account_history, past_loads
from signal_engine.engine.validation.report import Replayed
from signal_engine.entrypoints.commands.validation.run import replay_past
from signal_engine.simulation.planted.files import PlantedFiles
from signal_engine.simulation.planted.market import Planted
from tests.engine.validation.loads.loading import load, row
from tests.engine.validation.planting import past_of


def first_load(told: Planted, at: int) -> list[DatedRecord]:
    """All accounts of a market, loaded at an instant (ms); each has an alias."""
    return load(
        at,
        *(
            row(
                one["account_id"],
                {"employee_count": one["employee_count"]},
                segment=one["segment"],
                aliases=(f"also-{one['account_id']}",),
            )
            for one in told.accounts
        ),
    )


def replayed_by_loads(files: PlantedFiles, records: Sequence[DatedRecord], **changed: Any) -> Replayed:
    """The past that `files` hold, with the accounts of `records` in place of theirs."""
    past = past_of(files, **changed)
    return replay_past(
        past._replace(history=account_history(past_loads(records).loads, past.icps, past.until))
    ).replayed
