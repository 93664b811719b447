"""The exact top of lists, with pins, on the twin and on real servers: as brute force over every account has it."""

import random

import pytest

from signal_engine.engine.ports.store import Store
from tests.engine.publishing.crowd import rules, the_top_is_that_of_all


@pytest.mark.parametrize(
    ("seed", "many", "size", "min_level"),
    [
        (1, 40, 6, "warm"),  # more accounts than places
        (2, 6, 9, "cold"),  # fewer
        (3, 25, 1, "warm"),  # no room for pins
    ],
)
async def test_it_is_the_top_of_all_accounts_ranked(
    store: Store, seed: int, many: int, size: int, min_level: str
) -> None:
    await the_top_is_that_of_all(store, random.Random(seed), rules(size=40, min_level=min_level), many, size)
