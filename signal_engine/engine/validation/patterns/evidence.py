"""Each value of each field, compared with the others of its field, and what of it may be claimed."""

from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

import numpy as np

from signal_engine.engine.validation.documents import estimate, rate
from signal_engine.engine.validation.panel import Flags
from signal_engine.engine.validation.patterns.fields import FieldValues, Value
from signal_engine.engine.validation.patterns.sales import Sales, cycle_days, deal_usd
from signal_engine.engine.validation.statistics.claims import FAMILY_ERROR
from signal_engine.engine.validation.statistics.clusters import design_effect
from signal_engine.engine.validation.statistics.intervals import MIN_TRIALS, Numbers, shrunk
from signal_engine.engine.validation.statistics.permuting import contrasted
from signal_engine.wire.output.reports.pattern_documents import PatternField, PatternValue
from signal_engine.wire.output.reports.validation_documents import RateFound

MIN_ACCOUNTS: Final = 10
"""Accounts with closed deals that a value and the others of its field must each have to be compared."""


_NEARLY: Final = 0.95
"""Where so many deals are won on one side of a value, and so many lost on the other, it tells the outcome ..."""
_SURE, _HALF = 0.9, 0.5
"""... or where surely so many are won on one side, and surely at most half on the other."""


class Evidence(NamedTuple):
    """The fields with what their values say."""

    fields: list[PatternField]
    compared: int
    """Values that were compared."""


def evidence(made: Sales, fields: Sequence[FieldValues], seed: int) -> Evidence:
    """What the deals say of each value. Claims are held together family-wise at 1 %, accounts kept whole."""
    closed = made.closed
    rows = np.flatnonzero(closed > 0)
    named = [(field, value) for field in fields for value in field.values]
    told = [place for place, (field, value) in enumerate(named) if _comparable(value.holds, field.filled, closed)]
    found = contrasted(
        np.array([named[place][1].holds[rows] for place in told], np.float64).reshape(len(told), len(rows)),
        np.array([named[place][0].filled[rows] for place in told], np.float64).reshape(len(told), len(rows)),
        made.won[rows],
        closed[rows],
        seed,
    )
    tests = dict(zip(told, zip(found.p_value.tolist(), found.direction.tolist(), strict=True), strict=True))
    whole = float(made.won.sum() / closed.sum()) if closed.sum() else 0.0
    documents = [_value(made, field, value, tests.get(place), whole) for place, (field, value) in enumerate(named)]
    values = iter(documents)
    return Evidence([_field(field, closed, [next(values) for _ in field.values]) for field in fields], len(told))


def rate_of(made: Sales, holds: Flags) -> RateFound:
    """The win rate of the accounts that hold."""
    closed = made.closed[holds]
    return rate(int(made.won[holds].sum()), int(closed.sum()), design_effect(closed, made.alike))


def _outcome_like(one: RateFound, other: RateFound) -> bool:
    """Whether two win rates are so far apart that what tells them apart may have been written after the deals."""
    better, worse = sorted((one, other), key=lambda rate: -(rate["rate"] or 0.0))
    if better["rate"] is None or worse["rate"] is None or better["low"] is None or worse["high"] is None:
        return False
    nearly = better["rate"] >= _NEARLY and worse["rate"] <= 1 - _NEARLY
    return nearly or (better["low"] >= _SURE and worse["high"] <= _HALF)


def _comparable(holds: Flags, filled: Flags, closed: Numbers) -> bool:
    sides = (holds, filled & ~holds)
    return all(closed[side].sum() >= MIN_TRIALS and (closed[side] > 0).sum() >= MIN_ACCOUNTS for side in sides)


def _field(field: FieldValues, closed: Numbers, values: Sequence[PatternValue]) -> PatternField:
    seen: Iterator[PatternValue] = (one for one in values if one["won"] + one["lost"] + one["open"] or one["churned"])
    if not field.numbers:
        seen = iter(sorted(seen, key=lambda one: (-one["win_rate"]["trials"], one["value"])))
    return {
        "field": field.name,
        "numbers": field.numbers,
        "filled": int((field.filled & (closed > 0)).sum()),
        "values": [*seen],
    }


def _value(
    made: Sales, field: FieldValues, value: Value, test: tuple[float, float] | None, whole: float
) -> PatternValue:
    holds = value.holds
    closed = made.closed[holds]
    won, trials = int(made.won[holds].sum()), int(closed.sum())
    enough = trials >= MIN_TRIALS
    p_value, direction = (None, 0.0) if test is None else test
    win_rate, others = rate_of(made, holds), rate_of(made, field.filled & ~holds)
    alike = _outcome_like(win_rate, others)
    claimed = p_value is not None and p_value <= FAMILY_ERROR and direction != 0 and not alike
    return {
        "value": value.words,
        "when": dict(value.when),
        "overlaps": value.overlaps,
        "accounts": int(holds.sum()),
        "accounts_with_deals": int((closed > 0).sum()),
        "won": won,
        "lost": trials - won,
        "open": int(made.open[holds].sum()),
        "churned": int(made.churned[holds].sum()),
        "win_rate": win_rate,
        "others": others,
        "shrunk": estimate(shrunk(won, trials, whole, design_effect(closed, made.alike))) if enough else None,
        "cycle_days": cycle_days(made, holds),
        "deal_usd": deal_usd(made, holds),
        "p_value": None if p_value is None else round(p_value, 4),
        "claimed": ("above" if direction > 0 else "below") if claimed else None,
        "outcome_like": alike,
    }
