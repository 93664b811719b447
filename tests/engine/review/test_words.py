"""What the review says of systems outside."""

from signal_engine.core.sync.wiring import DOWNSTREAMS
from signal_engine.wire.output.reports.review.words import wiring_words
from signal_engine.wire.output.words import DOWNSTREAMS_IN_WORDS

REACH = {
    "icp": "saas",
    "version": 2,
    "published_at": "2026-01-01T00:00:00Z",
    "due_at": "2026-03-02T00:00:00Z",
    "in_time": 2,
    "systems": 7,
}


def test_every_system_downstream_has_its_words():
    assert (*DOWNSTREAMS_IN_WORDS,) == DOWNSTREAMS


def test_systems_are_named_as_people_call_them_and_time_is_told():
    waiting = [*DOWNSTREAMS[2:]]
    amber = wiring_words({**REACH, "status": "amber", "waiting": waiting})
    assert amber.startswith(
        "2 of 7 systems have changed with version 2; 5 are to by 2026-03-02. Not yet: paid audience"
    )
    assert "_" not in amber
    assert "too few of them by 2026-03-02" in wiring_words({**REACH, "status": "red", "waiting": waiting})
    green = wiring_words({**REACH, "in_time": 7, "status": "green", "waiting": []})
    assert green == "7 of 7 systems have changed with version 2"
