"""A market with ninety days of history, made once: tests only look at it."""

from typing import Any

import pytest

from tests.http.market import Market, market


@pytest.fixture(scope="session")
def lively() -> Market:
    return market(90)


@pytest.fixture
async def app(lively: Market) -> Any:
    store_snapshot = lively.store_snapshot()
    assert await store_snapshot.poll()
    return lively.app(store_snapshot=store_snapshot)
