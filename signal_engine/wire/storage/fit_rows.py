"""The fit of one account as bytes, and back."""

from functools import partial
from typing import Final

import orjson

from signal_engine.core.errors import WRONG_USE, SignalEngineError
from signal_engine.core.fit.icp import Fit, FitDecision
from signal_engine.wire.storage.kept_json import kept

_VERSION: Final = 2
_CARRIED: Final = {1: 5, _VERSION: 9}
"""Version -> number of values after the decisions."""
_new_decision: Final = partial(tuple.__new__, FitDecision)
"""A faster `FitDecision(...)`: rows are read for every account that is not in memory; 3.3 us instead of 4.4."""


class UnknownRowVersion(SignalEngineError, ValueError):
    """The bytes are not a fit row that this engine reads."""

    exit_code = WRONG_USE


def encode(fit: Fit) -> bytes:
    """The row of a fit; equal fits have equal rows."""
    carried = (fit.name, fit.segment, fit.owner, fit.crm_id, fit.suppressed)
    to_us = (fit.sdr, fit.relation, fit.parent, fit.parent_relation)
    return kept([_VERSION, fit.account, [tuple(decision) for decision in fit.decisions], *carried, *to_us])


def decode(row: bytes) -> Fit:
    """The fit in `row`. Raises `UnknownRowVersion`, also for damaged bytes.

    Rows of version 1, without relation, are read, too: a fit table outlives a release.
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
