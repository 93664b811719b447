"""How long ago something was, as pages say it."""

import pytest

from signal_engine.adapters.http.dashboard.words import when
from signal_engine.wire.instants import format_instant
from tests.build import T0


@pytest.mark.parametrize(("after", "said"), [(0, "just now"), (999, "just now"), (1_000, "1 second ago")])
def test_no_time_at_all_is_just_now(after: int, said: str) -> None:
    shown = when(format_instant(T0), T0 + after)
    assert shown is not None
    assert shown.short == said
