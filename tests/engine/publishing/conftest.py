"""A market that has been published once."""

import pytest

from tests.build import fit
from tests.engine.publishing.market import NOON, A, B, C, Market, X


@pytest.fixture
async def market() -> Market:
    """Two accounts in the market, in two partitions, published once."""
    made = await Market().begin(fit(account=A), fit(account=X), fit(account=B), fit("ignore", tier=None, account=C))
    await made.signal(A, 90)
    await made.signal(X, 60)
    await made.signal(C, 99)
    assert await made.poll(NOON) == {"all", "saas"}
    await made.sent()
    return made
