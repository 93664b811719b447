"""Amounts of other currencies in US dollars, by the table that ships: monthly means of the European Central Bank."""

import csv
from functools import cache
from importlib.resources import files
from typing import Final

from signal_engine.wire.instants import format_instant

_USD: Final = "USD"
_MAX_AGE_MONTHS: Final = 12
"""Months that a rate may be older than what it is used for, of a currency whose rates have ended."""


def in_dollars(amount: float, currency: str, at: int) -> float | None:
    """`amount` of `currency` (ISO 4217, in any case) at instant `at` (ms), in US dollars and cents.

    By the rate of that month, else the last one before it; None where the table has none that is near. What lies
    beyond the end of the table goes by its last month.
    """
    currency = currency.upper()
    if currency == _USD:
        return amount
    rates = _table().get(currency)
    if rates is None:
        return None
    month = min(_number(format_instant(at)[:7]), _last_month())
    for past in range(month, month - _MAX_AGE_MONTHS - 1, -1):
        if (rate := rates.get(past)) is not None:
            return round(amount * rate, 2)
    return None


def _number(month: str) -> int:
    """`2026-03` as a count of months."""
    return int(month[:4]) * 12 + int(month[5:]) - 1


@cache
def _table() -> dict[str, dict[int, float]]:
    """Currency -> month -> US dollars for one unit."""
    text = files("signal_engine.wire.events").joinpath("exchange_rates.csv").read_text("utf-8")
    table: dict[str, dict[int, float]] = {}
    for row in csv.DictReader(line for line in text.splitlines() if not line.startswith("#")):
        month = _number(row.pop("month"))
        for currency, rate in row.items():
            if rate:
                table.setdefault(currency, {})[month] = float(rate)
    return table


@cache
def _last_month() -> int:
    return max(max(rates) for rates in _table().values())
