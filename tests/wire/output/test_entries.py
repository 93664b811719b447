"""An entry that is made out of another one says what it would have said by itself; parts add up wherever they are."""

import json

import pytest

from signal_engine.core.fit.icp import Fit
from signal_engine.core.fit.ranking import Candidate, Ordered, candidate
from signal_engine.core.score.snapshot import take_snapshot
from signal_engine.wire.output import entries
from tests.build import ACME, BUYERS, DAY, HAND_RAISES, T0, Story, after, event, fit, fit_decision, kind, policy

BOTH = Fit(
    ACME, (fit_decision(), fit_decision(fit=61.5, tier="B", icp="fintech")), name="Acme", owner="dana", sdr="lee"
)
RULES = policy(
    kind(cap=40, facet_cap=25),
    kind("hiring", cap=25),
    kind("engagement", rules=HAND_RAISES),
    multipliers=(1.0, 1.15, 1.3),
    personas=BUYERS,
    tier_weight={"A": 1.0, "B": 0.75},
)


def story_of(fit: Fit = BOTH) -> Story:
    story = Story(RULES, fit)
    for day in range(5):
        at, url = T0 + day * DAY, "https://example.com/"
        story.tell(event(points=10 + 7 * day, at=at, topic=f"topic {day}", source_url=url))
        story.tell(event("hiring", points=20 + day, at=at))
    return story


def places(story: Story, at: int) -> list[Candidate]:
    score = take_snapshot(ACME, story.account, at, RULES).score
    found = [candidate(ACME, story.account, score, decision, story.fit, RULES) for decision in story.fit.decisions]
    assert None not in found
    return found


def test_the_entry_of_one_account_on_another_list_is_made_out_of_its_first() -> None:
    story, at = story_of(), T0 + 5 * DAY
    stands = take_snapshot(ACME, story.account, at, RULES)
    first, second = places(story, at)
    one = entries.entry(Ordered(first, pinned=False), 3, 4, stands, BOTH)
    other = entries.entry(Ordered(second, pinned=True), 4, 5, stands, BOTH)
    assert one["priority"] > other["priority"]
    assert json.dumps(entries.elsewhere(one, Ordered(second, pinned=True), 4, 5)) == json.dumps(other)


def test_a_list_shows_the_strongest_evidence_and_counts_the_rest_with_the_others() -> None:
    story, at = story_of(), T0 + 5 * DAY
    whole = entries.entry(
        Ordered(places(story, at)[0], pinned=False), 1, None, take_snapshot(ACME, story.account, at, RULES), BOTH
    )
    brief = entries.brief(whole)
    assert [len(part["evidence"]) for part in whole["parts"]] == [3, 3, 0, 0]
    assert [len(part["evidence"]) for part in brief["parts"]] == [1, 1, 0, 0]
    assert {**brief, "parts": []} == {**whole, "parts": []}
    for part, short in zip(whole["parts"], brief["parts"], strict=True):
        assert added(part) == added(short) == part["points"] == short["points"]


def added(part) -> float:
    """What evidence, others and saturated come to; of `stack` and `ceiling`, which have none, the points."""
    if "others" not in part:
        return part["points"]
    return round(sum(one["points"] for one in part["evidence"]) + part["others"] + part["saturated"], 2)


def test_a_kind_that_is_near_its_cap_says_what_saturation_takes_away() -> None:
    story = story_of()
    intent = entries.parts(take_snapshot(ACME, story.account, T0 + 5 * DAY, RULES))[0]
    assert intent["part"] == "intent"
    assert intent["saturated"] < 0 < intent["others"]


def test_an_entry_says_what_the_account_is_to_us_and_who_calls() -> None:
    story = story_of()
    shown = entries.entry(
        Ordered(places(story, after(5))[0], pinned=False),
        1,
        None,
        take_snapshot(ACME, story.account, after(5), RULES),
        BOTH,
    )
    assert (shown["name"], shown["owner"], shown["sdr"], shown["relation"]) == ("Acme", "dana", "lee", "prospect")
    assert (shown["badge"], shown["pinned"], shown["hand_raised_at"]) == ("hot", False, None)
    assert shown["why_now"].startswith("Researching topic 4")
    assert shown["why_now_at"] == "2026-01-05T00:00:00Z"
    assert shown["kinds_live"] == ["intent", "hiring"]
    assert (shown["claimed_by"], shown["claimed_at"]) == (None, None)


def test_a_pinned_account_is_inbound_in_whichever_block_it_stands() -> None:
    story = story_of()
    story.tell(event("engagement", 5, at=after(4), activity="demo_request", persona="VP Finance"))
    stands = take_snapshot(ACME, story.account, after(5), RULES)
    for block in (True, False):
        shown = entries.entry(Ordered(places(story, after(5))[0], pinned=block), 1, None, stands, BOTH)
        assert (shown["badge"], shown["pinned"], shown["hand_raised_at"]) == ("inbound", block, "2026-01-05T00:00:00Z")
        assert (shown["why_now"], shown["why_now_at"]) == ("VP Finance asked for a demo", "2026-01-05T00:00:00Z")
        assert shown["people"] == [
            {"persona": "finance", "called": "VP Finance", "last_seen_at": "2026-01-05T00:00:00Z"}
        ]


@pytest.mark.parametrize(
    ("who", "audience", "raised_by", "reason", "priority"),
    [
        (fit(), "sdr", "finance", None, 20.0),
        (fit(relation="customer"), "owner", "finance", None, 20.0),
        (fit(relation="partner"), "triage", "finance", "relation", 20.0),
        (fit("unknown", None, None), "triage", "finance", "fit_unknown", None),
        (None, "triage", "finance", "not_in_accounts", None),
    ],
)
def test_an_alert_says_whom_it_is_for_and_who_asked(who, audience, raised_by, reason, priority) -> None:
    story = Story(RULES, who, fits=who is not None)
    story.tell(event("engagement", 20, activity="demo_request", persona="CFO"))
    document = entries.alert(story.alerts[0], RULES.lists.tier_weight, "1-test")
    assert document["type"] == ("hand_raise" if reason is None else "inbound")
    assert (document["audience"], document["raised_by"], document["triage_reason"]) == (audience, raised_by, reason)
    assert document["relation"] == (who.relation if who else "prospect")
    assert (document["priority"], document["score"]) == (priority, 20.0)
    assert (document["personas_live"], document["recorded"], document["episode"]) == (["finance"], None, None)
    assert (document["rank"], document["previous_rank"], document["tipped_by"]) == (None, None, None)


def test_an_alert_of_history_says_that_it_was_recorded_and_what_tipped_it() -> None:
    story = Story(policy(kind(), kind("hiring")))
    story.tell(event(points=30, topic="erp"))
    story.tell(event("hiring", 24, at=after(0.1), backfill=True, event_id="h1", title="CRO"))
    story.tell(event("hiring", 24, at=after(0.2), backfill=True, event_id="h2", title="CMO"))
    (document,) = [entries.alert(one, RULES.lists.tier_weight, "1-test") for one in story.alerts]
    assert (document["type"], document["recorded"]) == ("entered_hot", "backfill")
    assert document["tipped_by"] == {"event_id": "h2", "text": "Hiring: CMO", "occurred_at": "2026-01-01T04:48:00Z"}
