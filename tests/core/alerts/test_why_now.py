"""The one sentence beside an account, and why an episode is over (scoring.md, section 7)."""

from itertools import permutations

import pytest

from signal_engine.core.score.kind_state import Evidence
from signal_engine.core.score.why_now import RECENT, ScoredEvidence, WhyNow, faded, reason_of, strongest_reason
from tests.build import DAY, T0, after


def shown(kind: str, event_id: str, points: float, days_ago: float) -> ScoredEvidence:
    return ScoredEvidence(kind, Evidence(0.0, after(-days_ago), event_id, f"{kind} {event_id}", None), points)


def reason(*pieces: ScoredEvidence, pinned_by: Evidence | None = None) -> str | None:
    """The same in whatever order the pieces stand."""
    found = set()
    for order in permutations(pieces):
        evidence: dict[str, tuple[ScoredEvidence, ...]] = {}
        for one in order:
            evidence[one.kind] = (*evidence.get(one.kind, ()), one)
        best = strongest_reason(evidence, pinned_by, T0)
        found.add(None if best is None else best.text)
    (only,) = found
    return only


RECENT_BUT_WEAK = shown("hiring", "b", 1, 13.99)


@pytest.mark.parametrize(
    ("pieces", "text", "because"),
    [
        ([], None, "no signal at all"),
        ([shown("intent", "a", 8, 1), shown("hiring", "b", 9, 2)], "hiring b", "the strongest now"),
        ([shown("intent", "a", 9, 14), RECENT_BUT_WEAK], "hiring b", "of the last 14 days, though another is stronger"),
        ([shown("intent", "a", 9, 20), shown("hiring", "b", 1, 15)], "hiring b", "else the newest"),
        ([shown("intent", "a", 8, 2), shown("hiring", "b", 8, 1)], "hiring b", "of equally strong ones the newer"),
        ([shown("intent", "a", 8, 1), shown("hiring", "b", 8, 1)], "intent a", "of those the first of the kinds"),
        ([shown("intent", "a", 8, 1), shown("intent", "b", 8, 1)], "intent b", "of those the last id"),
        ([shown("intent", "a", 8 + 1e-12, 2), shown("hiring", "b", 8, 1)], "hiring b", "last bits are no difference"),
        ([shown("intent", "a", 8.001, 2), shown("hiring", "b", 8, 1)], "intent a", "a thousandth is"),
        ([shown("intent", "a", 1, 15), shown("hiring", "b", 2, 15)], "hiring b", "of equally new ones the stronger"),
        ([shown("intent", "a", 1, 15), shown("hiring", "b", 1, 15)], "intent a", "of those the first of the kinds"),
        ([shown("intent", "a", 1, -1)], "intent a", "a clock that was ahead"),
    ],
)
def test_why_now_is_the_strongest_recent_signal_else_the_newest(pieces, text, because):
    assert reason(*pieces) == text, because


def test_of_a_pinned_account_it_is_the_hand_raise_however_weak_and_old():
    raised = shown("engagement", "demo", 0.1, 40).evidence
    assert reason(shown("intent", "a", 9, 1), pinned_by=raised) == "engagement demo"
    assert strongest_reason({}, raised, T0) == reason_of(raised)


def test_a_reason_has_the_instant_of_that_very_signal_and_its_id():
    strong, newest = shown("intent", "a", 9, 5), shown("hiring", "b", 1, 0)
    assert strongest_reason({"intent": (strong,), "hiring": (newest,)}, None, T0) == ("intent a", after(-5), "a")


def test_recent_is_fourteen_days():
    assert RECENT == 14 * DAY
    assert reason(shown("intent", "a", 9, 14), RECENT_BUT_WEAK) == "hiring b", "14 days ago is no longer recent"


@pytest.mark.parametrize(
    ("before", "now", "text"),
    [
        (["intent"], set(), "Intent has faded"),
        (["intent", "hiring"], {"intent"}, "Hiring has faded"),
        (["intent", "engagement"], set(), "Intent and engagement have faded"),
        (["intent", "engagement", "buying_group"], set(), "Intent, engagement and the buying group have faded"),
        (["engagement", "buying_group"], {"engagement"}, "The buying group has faded"),
        (["technographic"], set(), "Technology has faded"),
        (["intent"], {"intent"}, "No longer hot"),
        ([], set(), "No longer hot"),
    ],
)
def test_what_has_faded_is_what_was_named_and_is_live_no_more(before, now, text):
    assert faded(before, frozenset(now), None, T0) == WhyNow(text, None)


@pytest.mark.parametrize(
    ("last", "when"),
    [
        (T0, "today"),
        (after(-1) + 1, "today"),
        (after(-1), "1 day ago"),
        (after(-2) + 1, "1 day ago"),
        (after(-21), "21 days ago"),
        (after(1), "today"),
    ],
)
def test_it_says_when_the_last_signal_came_in_whole_days(last, when):
    assert faded(["intent"], frozenset(), last, T0) == (f"Intent has faded; the last signal came {when}", None, None)
