"""The corpus of what should never come in: each record refused for the reason written down, and no detail tells."""

import pytest

from signal_engine.core.rules.events import Event
from signal_engine.wire.events.decode import SignalRecord, decode_records
from signal_engine.wire.events.rejections import Refusal
from signal_engine.wire.instants import parse_instant
from tests.bad_input import SECRET, SURELY, Bad, corpus

NOW = parse_instant("2026-03-03T00:00:00Z")


def not_of_the_origin(bad: Bad) -> bool:
    return not any(name.startswith("origin.") for name, _ in bad.headers)


@pytest.mark.parametrize("seed", range(5))
def test_every_record_is_refused_for_its_reason_or_is_an_event(seed: int) -> None:
    for bad in filter(not_of_the_origin, corpus(seed, 2_000, NOW)):
        (verdict,) = decode_records(bad.kind, [SignalRecord(bad.value, NOW, bad.headers)])
        found = verdict.reason if isinstance(verdict, Refusal) else None
        assert found == bad.reason, (bad, verdict)
        if isinstance(verdict, Refusal):
            assert verdict.detail
            assert not any(part in verdict.detail for part in (SECRET, SECRET[:8], "private")), verdict
            assert len(verdict.detail) < 1_000
        else:
            assert isinstance(verdict, Event)


def test_the_corpus_has_every_reason_and_what_is_unusual_and_allowed() -> None:
    assert {bad.reason for bad in corpus(0, 2_000, NOW)} == {None, *SURELY}
