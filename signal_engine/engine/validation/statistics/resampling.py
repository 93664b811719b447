"""The bootstrap over accounts: how often each account is drawn, in batches that fit into memory."""

from collections.abc import Iterator
from typing import Final

import numpy as np

from signal_engine.engine.validation.statistics.intervals import Numbers

_DRAWS: Final = 1_000
_BATCH_CELLS: Final = 8_000_000
"""Numbers that one batch of weights may hold: 64 MB."""


def draws(accounts: int, seed: int, count: int = _DRAWS) -> Iterator[Numbers]:
    """`count` resamples of `accounts` accounts with replacement, as rows of how often each was drawn.

    The same seed gives the same rows. Nothing without accounts.
    """
    if not accounts:
        return
    rng = np.random.default_rng(seed)
    batch = max(1, min(count, _BATCH_CELLS // accounts))
    for start in range(0, count, batch):
        rows = min(batch, count - start)
        drawn = rng.integers(0, accounts, size=(rows, accounts)) + np.arange(rows)[:, None] * accounts
        yield np.bincount(drawn.ravel(), minlength=rows * accounts).reshape(rows, accounts).astype(np.float64)


def ratio(numerator: Numbers, denominator: Numbers) -> Numbers:
    """The quotients, NaN where the denominator is 0."""
    out = np.full(np.broadcast_shapes(numerator.shape, denominator.shape), np.nan)
    np.divide(numerator, denominator, out=out, where=denominator != 0)
    return out
