"""Events are judged by Python alone, natively where that is installed, and by both, block by block."""

from collections.abc import Iterator
from typing import Final

import pytest

from tests.native.both import READERS, read_by

_WAYS: Final = (*READERS, "check") if "auto" in READERS else READERS


@pytest.fixture(autouse=True, params=_WAYS)
def _judged_by(request: pytest.FixtureRequest) -> Iterator[None]:
    with read_by(request.param):
        yield
