"""A market with ninety days of history, made once: tests only look at it."""

from typing import Any

import pytest

from tests.http.market import Market, market


@pytest.fixture(scope="session")
def lively() -> Market:
    return market(90)


@pytest.fixture
async def app(lively: Market) -> Any:
    lookout = lively.lookout()
    assert await lookout.look()
    return lively.app(lookout=lookout)
