"""Events are read and judged by Python alone, and natively where that is installed."""

from collections.abc import Iterator

import pytest

from tests.native.both import READERS, read_by


@pytest.fixture(autouse=True, params=READERS)
def _judged_by(request: pytest.FixtureRequest) -> Iterator[None]:
    with read_by(request.param):
        yield
