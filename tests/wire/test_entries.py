"""An entry that is made out of another one says what it would have said by itself."""

import json

from signal_engine.core.fit import Fit
from signal_engine.core.ranking import Candidate, candidate
from signal_engine.core.standing import standing
from signal_engine.wire import entries
from tests.build import ACME, DAY, T0, Story, event, fit_decision, kind, policy

BOTH = Fit(ACME, (fit_decision(), fit_decision(fit=61.5, tier="B", icp="fintech")), name="Acme", owner="dana")


def test_the_entries_of_one_account_on_two_lists_and_in_short() -> None:
    rules = policy(kind(), kind("hiring"), tier_weight={"A": 1.0, "B": 0.75})
    story = Story(rules, BOTH)
    for day in range(5):
        story.tell(
            event(points=10 + 7 * day, at=T0 + day * DAY, topic=f"topic {day}", source_url="https://example.com/")
        )
        story.tell(event("hiring", points=20 + day, at=T0 + day * DAY))
    stands = standing(ACME, story.account, T0 + 5 * DAY, rules)
    places: list[Candidate] = [candidate(ACME, stands.score.raw, decision, rules.lists) for decision in BOTH.decisions]
    first, second = (
        entries.entry(place, rank, rank + 1, stands, BOTH, entries.ALL_KEPT) for rank, place in enumerate(places, 3)
    )
    assert first["priority"] > second["priority"]
    assert json.dumps(entries.elsewhere(first, places[1], 4, 5)) == json.dumps(second)
    assert [len(part["evidence"]) for part in first["parts"]] == [3, 3, 0, 0]
    short = entries.entry(places[0], 3, 4, stands, BOTH, entries.STRONGEST)
    assert json.dumps(entries.brief(first)) == json.dumps(short)
    assert [len(part["evidence"]) for part in short["parts"]] == [1, 1, 0, 0]
