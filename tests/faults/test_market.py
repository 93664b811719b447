"""The market of the harness, where the real events are not beside the checkout: as in a fresh clone and in CI."""

import pytest

from faults.harness import market
from signal_engine.entrypoints.wiring.inputs import read_inputs

NOW = 1_780_000_000_000


def test_a_market_of_journeys_is_files_that_the_engine_reads(tmp_path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(market, "EVENTS", tmp_path / "not-here")
    made = market.market(tmp_path, 1, NOW)
    inputs = read_inputs(str(made.scoring), [*map(str, made.icps)], str(made.accounts), lambda _: None)
    assert made.lists == ("all", *(icp.icp for icp in inputs.icps))
    assert len(made.events) > 100
