"""The laws of scoring.md, section 3, for any policy that is not refused and any history.

`COOLS_AT_HISTORIES=10000 pytest tests/core/test_laws.py -k cools_at` looks at more histories than every run does.
"""

import os

from hypothesis import given, settings
from hypothesis import strategies as st

from signal_engine.core.fit.icp import Fit
from signal_engine.core.fit.ranking import ALL, candidate, listed_by, place_key
from signal_engine.core.flow import EventOutcome, ScoringContext, advance, pass_time
from signal_engine.core.rules.policy import HEAT, Policy
from signal_engine.core.score.account import Account
from signal_engine.core.score.levels import cools_at, is_silent
from signal_engine.core.score.snapshot import pin, take_snapshot
from signal_engine.core.score.stack import CEILING, evaluate, fall_at
from signal_engine.wire.output import entries
from signal_engine.wire.storage.state import decode, encode
from tests.build import ACME, after, fit, fit_decision
from tests.core.histories import DAY, FIT, SECOND, apply, at_a_jump, backlogs, direct, folded, journeys, lived
from tests.profiles import examples

FOR_TRIAGE = (
    None,
    fit("ignore", None, None),
    fit("unknown", None, None),
    fit("deprioritize", 50.0, "C"),
    fit(relation="partner"),
    Fit(ACME, (fit_decision("ignore", 10.0, None, "a"), fit_decision("unknown", None, None, "b"))),
)
FOR_NOBODY = (
    fit(suppressed=True),
    fit(relation="do_not_contact"),
    fit(relation="competitor"),
    fit(relation="own"),
    fit("unknown", None, None, relation="competitor"),
)


def score(account: Account, rules: Policy, at: int) -> float:
    return evaluate(account, at, rules).score


def key(account: Account, rules: Policy, at: int) -> float:
    """What the top N go by: at `at`, to which the account's level has been rolled."""
    return place_key(account.level, evaluate(account, at, rules).raw * rules.lists.tier_weight["A"])


@given(backlogs(), st.data())
def test_1_order_does_not_matter(backlog, data):
    rules, history, now = backlog
    shuffled = data.draw(st.permutations(history))
    one, other = folded(rules, history, now), folded(rules, shuffled, now)
    for wait in (0, DAY, 30 * DAY):
        ours, theirs = evaluate(one, now + wait, rules), evaluate(other, now + wait, rules)
        assert abs(sum(ours.kinds.values()) - sum(theirs.kinds.values())) < 1e-6
        if not at_a_jump(one, rules, now + wait):
            assert abs(ours.score - theirs.score) < 1e-6
            assert ours.live == theirs.live
    assert (one.last_signal_at, one.weighty_at) == (other.last_signal_at, other.weighty_at)
    assert (one.people, one.hand_raise, one.raise_applied_at) == (
        other.people,
        other.hand_raise,
        other.raise_applied_at,
    )
    assert pin(one, now, rules) == pin(other, now, rules)
    for name, state in one.kinds.items():
        assert state.evidence == other.kinds[name].evidence


@given(backlogs(), st.data())
def test_2_twice_is_once(backlog, data):
    rules, history, now = backlog
    account = folded(rules, history, now)
    before = encode(account)
    for again in data.draw(st.lists(st.sampled_from(history), max_size=5)) if history else ():
        other = again._replace(occurred_at=now, confidence=1.0)  # of different events with one id the first counts
        assert apply(account, rules, data.draw(st.sampled_from((again, other))), now) == EventOutcome.DUPLICATE
    assert encode(account) == before


@given(journeys(), st.lists(st.integers(0, 90 * DAY), max_size=6))
def test_3_nothing_rises_by_waiting(journey, waits):
    rules, history = journey
    account = lived(rules, history)
    start = account.now if history else after()
    last, level, pinned = score(account, rules, start), account.level, pin(account, start, rules)
    place = key(account, rules, start)
    for wait in sorted(waits):
        at = start + wait
        pass_time(account, ACME, at, FIT, ScoringContext(rules))
        assert score(account, rules, at) <= last + 1e-9
        assert HEAT[account.level] <= HEAT[level]
        assert pin(account, at, rules) in (pinned, None)
        assert key(account, rules, at) <= place + 1e-9
        last, level, pinned = score(account, rules, at), account.level, pin(account, at, rules)
        place = key(account, rules, at)


@given(backlogs(least=1), st.data())
def test_4_more_evidence_never_hurts(backlog, data):
    rules, history, now = backlog
    left_out = data.draw(st.integers(0, len(history) - 1))
    fewer = folded(rules, history[:left_out] + history[left_out + 1 :], now)
    all_of_them = folded(rules, history, now)
    for wait in (0, DAY, 30 * DAY):
        if not at_a_jump(fewer, rules, now + wait, 1e-9):
            assert score(all_of_them, rules, now + wait) >= score(fewer, rules, now + wait) - 1e-9
    before = score(fewer, rules, now)
    apply(fewer, rules, history[left_out], now)
    assert score(fewer, rules, now) >= before - 1e-9


@given(journeys())
def test_5_scores_and_kinds_are_bounded(journey):
    rules, history = journey
    account = Account()
    for now, signal in history:
        apply(account, rules, signal, now)
        found = evaluate(account, account.now, rules)
        assert 0 <= found.score <= 100
        assert found.score <= found.raw
        assert all(0 <= points <= rules.kinds[name].cap for name, points in found.kinds.items())


@given(journeys(), st.integers(0, 60 * DAY))
def test_6_parts_add_up(journey, wait):
    rules, history = journey
    account = Account()
    for now, signal in history:
        apply(account, rules, signal, now)
        found = evaluate(account, account.now + wait, rules)
        parts = dict(found.parts)
        assert abs(sum(parts.values()) - found.score) <= 1e-9
        together = sum(found.kinds.values())
        assert abs(parts["stack"] - (found.multiplier - 1) * together) <= 1e-9
        assert abs(parts["ceiling"] - (found.score - found.multiplier * together)) <= 1e-9
        assert parts["ceiling"] <= 0
        assert list(parts)[:-2] == [name for name in rules.kinds if name in account.kinds]


@given(journeys(), st.integers(0, 60 * DAY))
def test_6_evidence_others_and_saturated_add_up_to_the_part_of_their_kind(journey, wait):
    rules, history = journey
    account = lived(rules, history)
    stands = take_snapshot(ACME, account, account.now + wait, rules)
    for name, points in stands.score.kinds.items():
        others = stands.worth[name] - sum(one.points for one in stands.evidence[name])
        assert others >= -1e-9 * stands.worth[name] - 1e-300, "no evidence is worth more than all there is"
        assert points - stands.worth[name] <= 1e-9 * points, "saturation never adds"
    shown = entries.parts(stands)
    assert hundredths(sum(part["points"] for part in shown)) == hundredths(stands.score.score)
    for part in shown:
        if "others" in part:
            evidence = sum(one["points"] for one in part["evidence"])
            assert hundredths(evidence + part["others"] + part["saturated"]) == hundredths(part["points"])
            assert part["others"] >= 0 >= part["saturated"]


def hundredths(number: float) -> int:
    return round(number * 100)


@given(journeys(), st.sampled_from(FOR_TRIAGE + FOR_NOBODY))
def test_7_an_account_that_does_not_fit_is_on_no_list_and_in_no_reps_alert(journey, unfit):
    rules, history = journey
    account = Account()
    for now, signal in history:
        outcome, alerts, reason = advance(account, signal, now, unfit, ScoringContext(rules))
        assert {(alert.decision.type, alert.audience) for alert in alerts} <= {("inbound", "triage")}
        assert not alerts or unfit not in FOR_NOBODY
        assert (reason is None) == (outcome != EventOutcome.APPLIED)
        for listed in (ALL, "saas", "a", "b"):
            decision = listed_by(unfit, listed)
            assert candidate(ACME, account, evaluate(account, account.now, rules), decision, unfit, rules) is None
    assert (account.last_alert_at, account.last_trigger_at, account.alerted) == (None, None, False)
    end = account.now + 400 * DAY if history else 0
    assert pass_time(account, ACME, end, unfit, ScoringContext(rules)) == []


@given(journeys(), st.integers(0, 30 * DAY))
def test_the_folded_score_is_that_of_all_signals_at_once_on_every_prefix(journey, wait):
    rules, history = journey
    account, applied = Account(), []
    for now, signal in history:
        if apply(account, rules, signal, now) == EventOutcome.APPLIED:
            applied.append((now, signal))
        at = account.now + wait
        if not at_a_jump(account, rules, at, 1e-9):
            assert abs(score(account, rules, at) - direct(rules, applied, at)) <= 1e-6


@given(journeys())
def test_storing_and_reading_the_state_in_between_changes_nothing(journey):
    rules, history = journey
    kept, stored = Account(), Account()
    for now, signal in history:
        assert advance(kept, signal, now, FIT, ScoringContext(rules)) == advance(
            stored, signal, now, FIT, ScoringContext(rules)
        )
        stored = decode(encode(stored))
        assert without_bound(stored) == without_bound(kept)
        assert min(stored.upper_bound, kept.upper_bound) >= sum(evaluate(kept, kept.now, rules).kinds.values()) - 1e-9
    end = kept.now + 100 * DAY if history else 0
    assert pass_time(kept, ACME, end, FIT, ScoringContext(rules)) == pass_time(
        stored, ACME, end, FIT, ScoringContext(rules)
    )


def without_bound(account: Account) -> bytes:
    """The state but for its bound, which may be nearer where more is known than what is stored."""
    account = decode(encode(account))
    account.upper_bound = 0.0
    return encode(account)


@given(journeys(), st.lists(st.integers(0, 80 * DAY), max_size=5))
def test_waiting_in_steps_tells_what_waiting_at_once_tells(journey, steps):
    rules, history = journey
    patient, restless = Account(), Account()
    for now, signal in history:
        apply(patient, rules, signal, now)
        apply(restless, rules, signal, now)
    start = patient.now if history else after()
    result = []
    for step in sorted({*steps, 80 * DAY}):
        result += pass_time(restless, ACME, start + step, FIT, ScoringContext(rules))
    assert result == pass_time(patient, ACME, start + 80 * DAY, FIT, ScoringContext(rules))
    assert encode(patient) == encode(restless)


@settings(max_examples=examples(int(os.environ.get("COOLS_AT_HISTORIES", "200"))))
@given(journeys(), st.integers(0, 3 * DAY))
def test_cools_at_is_never_wrong(journey, later):
    """The first whole second after the last signal at which the level has ended, whenever it is asked for."""
    rules, history = journey
    account = lived(rules, history)
    level, ends = account.level, cools_at(account, account.now, rules)
    if ends is None:
        assert level == "cold"
        return
    limit = rules.levels.hot.exit if level == "hot" else rules.levels.warm.exit

    def has_ended(at: int) -> bool:
        return score(account, rules, at) < limit or (level == "hot" and is_silent(account, at, rules))

    assert ends % SECOND == 0
    assert ends > account.now
    assert has_ended(ends)
    assert ends - SECOND <= account.now or not has_ended(ends - SECOND)
    if account.now + later < ends:
        assert cools_at(account, account.now + later, rules) == ends
        pass_time(account, ACME, account.now + later, FIT, ScoringContext(rules))
    pass_time(account, ACME, ends - 1, FIT, ScoringContext(rules))
    assert account.level == level
    pass_time(account, ACME, ends, FIT, ScoringContext(rules))
    assert (account.previous_level, account.since) == (level, ends)


@given(journeys(), st.sampled_from((FIT, None)))
def test_what_time_gave_comes_first_then_one_signal_gives_one_alert_or_a_reason(journey, who):
    rules, history = journey
    account, seen = Account(), []
    for now, signal in history:
        waited = decode(encode(account))
        due = pass_time(waited, ACME, max(now, account.now), who, ScoringContext(rules))
        outcome, alerts, reason = advance(account, signal, now, who, ScoringContext(rules))
        if outcome != EventOutcome.APPLIED:
            assert (alerts, reason) == ([], None)
            continue
        own = alerts[len(due) :]
        assert alerts[: len(due)] == due
        assert len(own) <= 1
        assert (reason is None) == (bool(own) if who else False)
        assert all(one.decision.recorded == ("backfill" if signal.backfill else None) for one in own)
        assert all(one.decision.recorded is None for one in due)
        seen += [alert.decision.alert_id for alert in alerts]
    assert len(set(seen)) == len(seen)


@given(backlogs(), st.integers(0, 400 * DAY))
def test_the_score_alone_is_that_of_the_explanation_to_the_last_bit(backlog, wait):
    rules, history, now = backlog
    account = folded(rules, history, now)
    raw, fall = fall_at(account, now + wait, rules)
    assert min(CEILING, raw) == score(account, rules, now + wait)
    assert fall >= 0
