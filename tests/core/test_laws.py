"""The laws of scoring.md, section 3, for any policy that is not refused and any history."""

from hypothesis import assume, given
from hypothesis import strategies as st

from signal_engine.core.account import Account
from signal_engine.core.fit import Fit
from signal_engine.core.flow import Judge, Outcome, advance, pass_time
from signal_engine.core.levels import cools_at
from signal_engine.core.stack import CEILING, evaluate, fall_at
from signal_engine.engine.lists import ListBuilder
from signal_engine.wire.state import decode, encode
from tests.build import ACME, after, fit, fit_decision
from tests.core.histories import DAY, FIT, SECOND, apply, backlogs, direct, folded, journeys

UNFIT = (
    None,
    fit("ignore", None, None),
    fit("unknown", None, None),
    fit("deprioritize", 50.0, "C"),
    fit(suppressed=True),
    Fit(ACME, (fit_decision("ignore", 10.0, None, "a"), fit_decision("unknown", None, None, "b"))),
)


def score(account: Account, rules, at: int) -> float:
    return evaluate(account, at, rules).score


@given(backlogs(), st.data())
def test_1_order_does_not_matter(backlog, data):
    rules, history, now = backlog
    shuffled = data.draw(st.permutations(history))
    one, other = folded(rules, history, now), folded(rules, shuffled, now)
    live = evaluate(one, now, rules).kinds.values()
    assume(all(abs(k - rules.stack.live_floor) > 1e-9 for k in live))
    for wait in (0, DAY, 30 * DAY):
        ours, theirs = evaluate(one, now + wait, rules), evaluate(other, now + wait, rules)
        assert abs(sum(ours.kinds.values()) - sum(theirs.kinds.values())) < 1e-6
    assert abs(score(one, rules, now) - score(other, rules, now)) < 1e-6
    assert one.last_signal_at == other.last_signal_at
    assert one.people == other.people
    for name, state in one.kinds.items():
        assert state.evidence == other.kinds[name].evidence


@given(backlogs(), st.data())
def test_2_twice_is_once(backlog, data):
    rules, history, now = backlog
    account = folded(rules, history, now)
    before = encode(account)
    for again in data.draw(st.lists(st.sampled_from(history), max_size=5)) if history else ():
        assert apply(account, rules, again, now) == Outcome.DUPLICATE
    assert encode(account) == before


@given(backlogs(), st.lists(st.integers(0, 90 * DAY), max_size=6))
def test_3_nothing_rises_by_waiting(backlog, waits):
    rules, history, now = backlog
    account = folded(rules, history, now)
    last = score(account, rules, now)
    for wait in sorted(waits):
        pass_time(account, ACME, now + wait, FIT, Judge(rules))
        assert score(account, rules, now + wait) <= last + 1e-9
        last = score(account, rules, now + wait)


@given(backlogs(least=1), st.data())
def test_4_more_evidence_never_hurts(backlog, data):
    rules, history, now = backlog
    left_out = data.draw(st.integers(0, len(history) - 1))
    fewer = folded(rules, history[:left_out] + history[left_out + 1 :], now)
    before = score(fewer, rules, now)
    for wait in (0, DAY, 30 * DAY):
        all_of_them = folded(rules, history, now)
        assert score(all_of_them, rules, now + wait) >= score(fewer, rules, now + wait) - 1e-9
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


@given(journeys(), st.sampled_from(UNFIT))
def test_7_an_account_that_does_not_fit_is_on_no_list_and_in_no_alert(journey, unfit):
    rules, history = journey
    account, lists = Account(), ListBuilder(("saas", "a", "b"), rules.lists)
    for now, signal in history:
        outcome, alerts, reason = advance(account, signal, now, unfit, Judge(rules))
        assert alerts == []
        assert (reason is None) == (outcome != Outcome.APPLIED)
    end = account.now + 400 * DAY if history else 0
    assert pass_time(account, ACME, end, unfit, Judge(rules)) == []
    lists.add(ACME, unfit, 500.0, 100.0)
    lists.add_silent({} if unfit is None else {ACME: unfit}, set())
    assert all(ranked.candidates == [] for ranked in lists.ranked().values())


@given(journeys(), st.integers(0, 30 * DAY))
def test_the_folded_score_is_that_of_all_signals_at_once_on_every_prefix(journey, wait):
    rules, history = journey
    account, applied = Account(), []
    for now, signal in history:
        if apply(account, rules, signal, now) == Outcome.APPLIED:
            applied.append((now, signal))
        at = now + wait
        kinds = evaluate(account, at, rules).kinds.values()
        if all(abs(k - rules.stack.live_floor) > 1e-9 for k in kinds):
            assert abs(score(account, rules, at) - direct(rules, applied, at)) <= 1e-6


@given(journeys())
def test_storing_and_reading_the_state_in_between_changes_nothing(journey):
    rules, history = journey
    kept, stored = Account(), Account()
    for now, signal in history:
        assert advance(kept, signal, now, FIT, Judge(rules)) == advance(stored, signal, now, FIT, Judge(rules))
        stored = decode(encode(stored))
        assert without_bound(stored) == without_bound(kept)
        assert min(stored.bound, kept.bound) >= sum(evaluate(kept, kept.now, rules).kinds.values()) - 1e-9
    end = kept.now + 100 * DAY if history else 0
    assert pass_time(kept, ACME, end, FIT, Judge(rules)) == pass_time(stored, ACME, end, FIT, Judge(rules))


def without_bound(account: Account) -> bytes:
    """The state but for its bound, which may be nearer where more is known than what is stored."""
    account = decode(encode(account))
    account.bound = 0.0
    return encode(account)


@given(journeys(), st.lists(st.integers(0, 80 * DAY), max_size=5))
def test_waiting_in_steps_tells_what_waiting_at_once_tells(journey, steps):
    rules, history = journey
    patient, restless = Account(), Account()
    for now, signal in history:
        apply(patient, rules, signal, now)
        apply(restless, rules, signal, now)
    start = patient.now if history else after()
    told = []
    for step in sorted({*steps, 80 * DAY}):
        told += pass_time(restless, ACME, start + step, FIT, Judge(rules))
    assert told == pass_time(patient, ACME, start + 80 * DAY, FIT, Judge(rules))
    assert encode(patient) == encode(restless)


@given(journeys())
def test_a_level_ends_when_it_was_said_to_end(journey):
    rules, history = journey
    account = Account()
    for now, signal in history:
        apply(account, rules, signal, now)
    level, ends = account.level, cools_at(account, account.now, rules)
    if ends is None:
        assert level == "cold"
        return
    assert ends % SECOND == 0
    pass_time(account, ACME, ends - 1, FIT, Judge(rules))
    assert account.level == level
    pass_time(account, ACME, ends, FIT, Judge(rules))
    assert (account.previous_level, account.since) == (level, ends)
    limit = rules.levels.hot.exit if level == "hot" else rules.levels.warm.exit
    assert score(account, rules, ends) < limit


@given(journeys())
def test_one_signal_gives_one_alert_at_most_and_ids_are_never_given_twice(journey):
    rules, history = journey
    account, seen = Account(), []
    for now, signal in history:
        _, alerts, reason = advance(account, signal, now, FIT, Judge(rules))
        own = [alert.call for alert in alerts if alert.why_now and alert.decision.at == account.now]
        assert len([call for call in own if call.type in ("hand_raise", "new_evidence")]) <= 1
        assert not (reason and any(call.type == "hand_raise" for call in own))
        seen += [alert.decision.alert_id for alert in alerts]
    assert len(set(seen)) == len(seen)


@given(backlogs(), st.integers(0, 400 * DAY))
def test_the_score_alone_is_that_of_the_explanation_to_the_last_bit(backlog, wait):
    rules, history, now = backlog
    account = folded(rules, history, now)
    raw, fall = fall_at(account, now + wait, rules)
    assert min(CEILING, raw) == score(account, rules, now + wait)
    assert fall >= 0
