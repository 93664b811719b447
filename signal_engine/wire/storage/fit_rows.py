"""The fit of one account as the bytes of a row, and back."""

from functools import partial
from typing import Final

import orjson

from signal_engine.core.errors import WRONG_USE, SignalEngineError
from signal_engine.core.fit.icp import Fit, FitDecision
from signal_engine.wire.storage.kept_json import kept

_VERSION: Final = 2
_CARRIED: Final = {1: 5, _VERSION: 9}
"""Version -> how many values follow the decisions."""
_new_decision: Final = partial(tuple.__new__, FitDecision)
"""What `FitDecision(...)` does, sooner: a row is read for every account that is not in memory; 3.3 us, else 4.4."""


class UnknownRowVersion(SignalEngineError, ValueError):
    """Bytes that are no fit row this engine reads."""

    exit_code = WRONG_USE


def encode(fit: Fit) -> bytes:
    """The row of an account; equal fits have equal rows."""
    carried = (fit.name, fit.segment, fit.owner, fit.crm_id, fit.suppressed)
    to_us = (fit.sdr, fit.relation, fit.parent, fit.parent_relation)
    return kept([_VERSION, fit.account, [tuple(decision) for decision in fit.decisions], *carried, *to_us])


def decode(row: bytes) -> Fit:
    """The fit whose row `row` is. Raises `UnknownRowVersion`, for damaged bytes too.

    A row of version 1, which knows of no relation, is read, too: a fit table outlives a new release.
    """
    try:
        version, account, decisions, *carried = orjson.loads(row)
        if _CARRIED.get(version) != len(carried):
            raise UnknownRowVersion(f"fit row of version {version!r}; this engine reads {_VERSION}")
        read = tuple(
            [
                _new_decision((icp, icp_version, decision, fit, tier, tuple(reasons)))
                for icp, icp_version, decision, fit, tier, reasons in decisions
            ]
        )
    except (ValueError, TypeError, IndexError) as error:
        raise UnknownRowVersion("fit row that is cut short or damaged") from error
    return Fit(account, read, *carried)
