"""What would make an account hot is what real events do make of it."""

from dataclasses import replace
from itertools import product
from pathlib import Path
from typing import Any

import pytest

from signal_engine.core.flow import EventOutcome, ScoringContext, advance, pass_time
from signal_engine.core.rules.events import Event
from signal_engine.core.rules.personas import Personas
from signal_engine.core.rules.points import with_persona
from signal_engine.core.rules.policy import HOT
from signal_engine.core.score.account import Account
from signal_engine.core.score.stack import evaluate
from signal_engine.core.score.wording import ACTIVITIES
from signal_engine.engine.reports.what_if import what_if
from signal_engine.engine.reports.what_if_facets import facets_to_try
from signal_engine.wire.config import scoring_file
from signal_engine.wire.config.scoring_advice import dead_rules
from signal_engine.wire.storage.state import decode, encode
from tests.build import DAY, T0, fit

SHIPPED = scoring_file.parse("scoring.yaml", Path("config/scoring.yaml").read_bytes())
POLICY = SHIPPED.policy
CONTEXT = ScoringContext(POLICY)
FACET = {kind.kind: kind.facet for kind in POLICY.kinds.values()}


def grid(**fields: list[Any]) -> list[dict[str, Any]]:
    return [
        {name: value for name, value in zip(fields, values, strict=True) if value is not None}
        for values in product(*fields.values())
    ]


SOLD = {name: list(items) for name, items in POLICY.sells.items()}
TITLES = ["Chief Barista", *(persona.words[0] for persona in POLICY.personas)]
POOL: dict[str, list[dict[str, Any]]] = {
    "intent": grid(topic=["crm", "a new one"], score=[59, 60, 75, 95]),
    "hiring": grid(
        title=["Cook", *SOLD["roles"]],
        department=[None, *SOLD["departments"], "a new one"],
        seniority=["c_level", "vp", "director", "manager", "junior", None],
    ),
    "funding": grid(round=["seed", "a new one"], amount_usd=[None, 1e5, 2e6, 2e7, 9e7]),
    "engagement": grid(activity=list(ACTIVITIES), persona=TITLES, dwell_seconds=[None, 130]),
    "technographic": grid(
        technology=[*SOLD["competitors"], *SOLD["technologies"], "a new one"],
        change=["adopted", "dropped", "switched"],
        replaces=[None, SOLD["competitors"][-1]],
    ),
    "leadership": grid(
        role=[*SOLD["roles"], "a new one"],
        change=["joined", "left", "promoted"],
        level=["c_level", "vp", "manager"],
        relationship=[None, "champion"],
    ),
}

QUIET: list[tuple[str, dict[str, Any], float]] = []
HALF_WAY: list[tuple[str, dict[str, Any], float]] = [
    ("engagement", {"activity": "pricing_view", "persona": "CFO"}, 2),
    ("engagement", {"activity": "pricing_view", "persona": "VP Sales"}, 1),
    ("engagement", {"activity": "form_fill", "persona": "IT Manager"}, 1),
]
NEARLY: list[tuple[str, dict[str, Any], float]] = [
    *HALF_WAY,
    ("funding", {"round": "seed", "amount_usd": 2e7}, 9),
]
GROUP_OF_TWO: list[tuple[str, dict[str, Any], float]] = [
    ("engagement", {"activity": "pricing_view", "persona": title}, day)
    for title in ("CFO", "VP Sales", "marketing")
    for day in (0.5, 1, 1.5)
    if (title, day) != ("marketing", 1.5)
]
MANY_TOPICS: list[tuple[str, dict[str, Any], float]] = [
    *(("intent", {"topic": topic, "score": 90}, 1) for topic in ("crm", "crm", "leads", "etl")),
    *(("hiring", {"title": "Cook", "department": one, "seniority": "manager"}, 3) for one in SOLD["departments"]),
    *(("technographic", {"technology": one, "change": "adopted"}, 3) for one in SOLD["technologies"][:3]),
    ("leadership", {"role": "Head of sales", "change": "joined", "level": "manager"}, 4),
]


def account(history: list[tuple[str, dict[str, Any], float]]) -> Account:
    """An account after these events of (kind, fields, days before T0), at T0."""
    one = Account()
    for number, (kind, fields, ago) in enumerate(sorted(history, key=lambda event: -event[2])):
        at = T0 - round(ago * DAY)
        advance(one, Event("acme.com", kind, f"e{number}", at, 1.0, fields), at, fit(), CONTEXT)
    pass_time(one, "acme.com", T0, fit(), CONTEXT)
    return one


def outcome(one: Account, kind: str, fields: dict[str, Any]) -> tuple[str, str, float, str] | None:
    """Rule, facet, score and level that an event gives; None where it counts for nothing."""
    then = decode(encode(one))
    event = Event("acme.com", kind, "new", T0, 1.0, fields)
    became, _, _ = advance(then, event, T0, fit(), CONTEXT)
    if became is not EventOutcome.APPLIED:
        return None
    seen, _ = with_persona(event, POLICY)
    rule = POLICY.kinds[kind].rulebook.first(seen)
    assert rule is not None
    words = " and ".join(f"{one.field} {one.words}" for one in rule.when) or "any other"
    return words, str(seen.get(FACET[kind], "unknown")), evaluate(then, T0, POLICY).score, then.level


@pytest.mark.parametrize(
    "history",
    [QUIET, HALF_WAY, NEARLY, GROUP_OF_TWO, MANY_TOPICS],
    ids=["quiet", "half way", "nearly", "two of three people", "many topics and departments"],
)
def test_it_says_what_real_events_do(history):
    one = account(history)
    result = what_if(one, T0, fit(), POLICY, dead_rules(SHIPPED))
    said = {(signal["kind"], signal["rule"]): signal for signal in result["signals"]}
    exact = set()
    for kind, events in POOL.items():
        for fields in events:
            if (happened := outcome(one, kind, fields)) is None:
                continue
            rule, facet, score, level = happened
            signal = said[kind, rule]
            assert score <= signal["score"] + 0.005, (kind, fields)
            assert level != HOT or signal["level"] == HOT, (kind, fields)
            if facet.casefold() == signal["facet"].casefold():
                assert score == pytest.approx(signal["score"], abs=0.005)
                assert level == signal["level"]
                exact.add((kind, rule))
    assert exact == said.keys(), "every rule is met by an event of the very facet that was named"


def test_an_account_with_hundreds_of_topics_and_titles_takes_no_more_trials():
    """A file without personas: every title is a person of its own."""
    bare = replace(POLICY, personas=Personas())
    one = Account()
    for number in range(400):
        for kind, field in (
            ("intent", {"topic": f"t{number}", "score": 90}),
            ("engagement", {"persona": f"p{number}"}),
        ):
            fields = {"activity": "pricing_view", **field}
            event = Event("acme.com", kind, f"{kind}{number}", T0 - DAY, 1.0, fields)
            advance(one, event, T0 - DAY, fit(), ScoringContext(bare))
    for kind in bare.kinds.values():
        for index in range(len(kind.rules)):
            assert len(facets_to_try(one, kind, index, T0, bare)) <= 30


def test_nothing_is_changed():
    one = account(NEARLY)
    before = encode(one)
    what_if(one, T0, fit(), POLICY)
    assert encode(one) == before


def test_single_signals_that_do_are_named_first_and_then_nothing_together():
    result = what_if(account(NEARLY), T0, fit(), POLICY)
    assert result["signals"][0]["level"] == HOT
    assert result["together"] == []
    assert any(signal["level"] != HOT for signal in result["signals"])


def test_where_none_does_the_fewest_kinds_that_do_are_named():
    one = account(QUIET)
    result = what_if(one, T0, fit(), POLICY)
    assert all(signal["level"] != HOT for signal in result["signals"])
    sizes = {len(together) for together in result["together"]}
    assert len(sizes) == 1
    assert sizes.pop() >= POLICY.levels.hot.min_kinds == result["min_kinds"]
    for together in result["together"]:
        assert len({signal["kind"] for signal in together}) == len(together)


def test_who_could_not_be_alerted_is_told_why():
    assert what_if(Account(), T0, None, POLICY)["no_alert_because"] == "not_in_accounts"
    assert what_if(Account(), T0, fit(relation="partner"), POLICY)["no_alert_because"] == "relation"
    assert what_if(Account(), T0, fit(), POLICY)["no_alert_because"] is None
