"""What events leave behind in an account: folded sums, evidence kept, personas, hand raises, the level."""

from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signal_engine.core.rules.instants import BEGINNING
from signal_engine.core.score.account import PEOPLE_KEPT, Account, HandRaise, Person
from signal_engine.core.score.kind_state import FORGET_FACET_BELOW_POINTS, STRONGEST_KEPT, Evidence, KindState
from tests.build import DAY, T0, after, kind

INTENT = kind(half_life=1)


def folded(*signals: tuple[str, float, float], ref: int = T0) -> KindState:
    """Of (facet, points, days after T0)."""
    state = KindState(ref, {})
    for facet, points, days in signals:
        state.add(INTENT, facet, points, T0 + round(days * DAY))
    return state


def evidence(event_id: str, weight: float, occurred_at: int = T0) -> Evidence:
    return Evidence(weight, occurred_at, event_id, f"text of {event_id}", None)


def kept(*pieces: Evidence) -> list[str]:
    """The ids that are kept of pieces which come in that order."""
    state = KindState(T0, {})
    for piece in pieces:
        state.keep(piece)
    return [piece.event_id for piece in state.evidence]


def test_a_signal_at_the_reference_instant_counts_its_points():
    assert folded(("crm", 8, 0)).facets == {"crm": 8.0}


def test_a_later_signal_counts_double_per_half_life_at_the_reference_and_an_earlier_one_half():
    assert folded(("crm", 8, 1)).facets == {"crm": 16.0}
    assert folded(("crm", 8, 3)).facets == {"crm": 64.0}
    assert folded(("crm", 8, -2)).facets == {"crm": 2.0}


def test_signals_of_a_facet_add_up_and_facets_stand_apart():
    assert folded(("crm", 8, 0), ("erp", 4, 0), ("crm", 8, 1)).facets == {"crm": 24.0, "erp": 4.0}


def test_the_reference_moves_only_when_a_signal_is_more_than_24_half_lives_later():
    at_24 = folded(("crm", 1, 0), ("erp", 1, 24))
    assert (at_24.ref, at_24.facets) == (T0, {"crm": 1.0, "erp": 2.0**24})
    past_24 = folded(("crm", 1024, 0), ("erp", 3, 25))
    assert (past_24.ref, past_24.facets) == (T0 + 25 * DAY, {"crm": 1024 / 2**25, "erp": 3.0})


def test_a_signal_that_moves_the_reference_adds_to_what_is_left_of_its_facet():
    state = folded(("crm", 2**20, 0), ("crm", 3, 25))
    assert state.facets == {"crm": 3.0 + 2**20 / 2**25}


def test_facets_that_decayed_to_nothing_are_forgotten_when_the_reference_moves():
    state = KindState(T0, {"small": FORGET_FACET_BELOW_POINTS * 1.999, "enough": FORGET_FACET_BELOW_POINTS * 2})
    state.renormalise(INTENT, T0 + DAY)
    assert (state.ref, state.facets) == (T0 + DAY, {"enough": FORGET_FACET_BELOW_POINTS})
    assert FORGET_FACET_BELOW_POINTS <= 1e-9, "law 1"


def test_evidence_is_worth_its_points_at_its_own_instant_and_half_a_half_life_later():
    piece = evidence("a", 3 + T0 / INTENT.half_life)
    assert piece.points(T0, INTENT.half_life) == pytest.approx(8.0, rel=1e-9)
    assert piece.points(T0 + DAY, INTENT.half_life) == pytest.approx(4.0, rel=1e-9)


def test_the_three_strongest_and_the_newest_are_kept_strongest_first_in_whatever_order_they_came():
    pieces = [
        evidence("weakest", 1.0, after(3)),
        evidence("a", 4.0, after(1)),
        evidence("b", 5.0, after(0)),
        evidence("c", 3.0, after(2)),
        evidence("weak", 2.0, after(2)),
    ]
    for order in permutations(pieces):
        assert kept(*order) == ["b", "a", "c", "weakest"]


def test_the_newest_is_kept_once_where_it_is_among_the_strongest():
    pieces = [evidence(name, weight, after(weight)) for name, weight in (("a", 1), ("b", 2), ("c", 3), ("d", 4))]
    for order in permutations(pieces):
        assert kept(*order) == ["d", "c", "b"]
    assert STRONGEST_KEPT == 3


def test_of_equally_strong_and_new_signals_the_lower_id_is_the_stronger_and_the_higher_the_newer():
    pieces = [evidence(event_id, 1.0) for event_id in "abcde"]
    for order in permutations(pieces):
        assert kept(*order) == ["a", "b", "c", "e"]


@pytest.mark.parametrize(
    ("piece", "answer", "because"),
    [
        (evidence("x", 4.0, after(0)), True, "stronger than the third"),
        (evidence("x", 2.0, after(0)), False, "weaker than the third, older than the newest"),
        (evidence("b", 3.0, after(0)), True, "as strong as the third, its id comes first"),
        (evidence("d", 3.0, after(0)), False, "as strong as the third, its id comes later"),
        (evidence("x", 0.1, after(9)), True, "newer than the newest"),
        (evidence("z", 0.1, after(5)), True, "as new as the newest, its id comes later"),
        (evidence("m", 0.1, after(5)), False, "as new as the newest, its id comes first"),
    ],
)
def test_whether_a_signal_will_be_kept_is_known_before_it_has_its_text(piece, answer, because):
    state = KindState(T0, {})
    for one in (evidence("a", 5.0), evidence("b1", 4.0), evidence("c", 3.0), evidence("new", 1.0, after(5))):
        assert state.keep(one)
    assert state.would_keep(piece.weight, piece.occurred_at, piece.event_id) is answer, because
    before = state.evidence
    assert state.keep(piece) is answer, because
    assert (state.evidence != before) is answer, because


PIECES = st.builds(evidence, st.text("abc", min_size=1, max_size=3), st.integers(0, 4), st.integers(T0, T0 + 4))


@given(st.lists(PIECES, max_size=8, unique_by=lambda one: one.event_id), st.data())
def test_what_is_kept_does_not_depend_on_the_order_and_is_foretold(pieces, data):
    state = KindState(T0, {})
    for piece in data.draw(st.permutations(pieces)):
        assert state.would_keep(piece.weight, piece.occurred_at, piece.event_id) is state.keep(piece)
    strongest = sorted(pieces, key=lambda one: (-one.weight, one.event_id))[:3]
    newest = max(pieces, key=lambda one: (one.occurred_at, one.event_id), default=None)
    assert state.evidence == tuple(strongest if newest in strongest or newest is None else [*strongest, newest])


def test_a_new_account_is_cold_and_has_never_been_anything_else():
    account = Account()
    assert (account.now, account.upper_bound, account.kinds, account.people) == (BEGINNING, 0.0, {}, {})
    assert (account.level, account.previous_level, account.since) == ("cold", None, None)
    assert (account.episode, account.episode_began, account.alerted) == (0, 0, False)
    assert (account.named, account.named_personas) == (frozenset(), frozenset())
    assert (account.last_alert_at, account.last_alert_kinds) == (None, frozenset())
    assert (account.hand_raised, account.last_trigger_at, account.hand_raise) == ({}, None, None)
    assert (account.raise_applied_at, account.answered_at) == (None, None)
    assert (account.last_signal_at, account.weighty_at, len(account.ids)) == (None, None, 0)


def test_each_rise_to_hot_begins_an_episode_with_nothing_alerted_and_nothing_named():
    account = Account()
    account.enter("hot", T0)
    assert (account.level, account.previous_level, account.since) == ("hot", "cold", T0)
    assert (account.episode, account.episode_began) == (1, T0)
    account.alerted, account.named, account.named_personas = True, frozenset({"intent"}), frozenset({"finance"})
    account.holds_until = T0 + DAY
    account.enter("warm", T0 + 1)
    assert (account.level, account.previous_level, account.since) == ("warm", "hot", T0 + 1)
    assert (account.episode, account.episode_began, account.alerted) == (1, T0, True)
    assert (account.named, account.named_personas) == ({"intent"}, {"finance"})
    assert account.holds_until == BEGINNING
    account.enter("hot", T0 + 2)
    assert (account.episode, account.episode_began, account.alerted) == (2, T0 + 2, False)
    assert (account.named, account.named_personas) == (set(), set())


def test_a_persona_is_remembered_by_when_it_was_last_seen_and_what_it_was_called_then():
    account = Account()
    for persona, called, at in (("finance", "CFO", 5), ("it", "CIO", 9), ("finance", "Controller", 7), ("it", "IT", 3)):
        account.meet(persona, called, at)
    assert account.people == {"finance": Person(7, "Controller"), "it": Person(9, "CIO")}


def test_the_ten_newest_personas_are_kept():
    account = Account()
    for number in range(12):
        account.meet(f"p{11 - number:02d}", "", T0 + number)
    assert PEOPLE_KEPT == 10
    assert sorted(account.people) == [f"p{number:02d}" for number in range(10)], "the two seen first have gone"
    account.meet("late", "", T0)
    assert "late" not in account.people


def test_of_personas_seen_at_once_the_first_in_the_alphabet_goes():
    account = Account()
    for persona in "kjihgfedcba":
        account.meet(persona, "", T0)
    assert sorted(account.people) == list("bcdefghijk")


def raised(event_id: str, at: int) -> HandRaise:
    return HandRaise(at, "engagement", "finance", evidence(event_id, 1.0, at))


def test_the_latest_hand_raise_counts_and_the_last_instant_at_which_any_was_applied():
    hands = [(raised("a", after(1)), after(5)), (raised("b", after(3)), after(4)), (raised("c", after(3)), after(3))]
    for order in permutations(hands):
        account = Account()
        for one, now in order:
            account.raise_hand(one, now)
        assert account.hand_raise == raised("c", after(3)), "of two at once the later id"
        assert account.raise_applied_at == after(5)


@pytest.mark.parametrize(
    ("answered_at", "until", "because"),
    [
        (None, after(15), "nobody has answered"),
        (after(1), after(15), "an answer before the hand was raised is none"),
        (after(2), after(15), "nor is one at the instant at which it was applied"),
        (after(2) + 1, None, "an answer after it ends the pin"),
    ],
)
def test_a_pin_ends_by_time_unless_a_person_has_answered(answered_at, until, because):
    account = Account()
    assert account.pinned_until(14 * DAY) is None, "nobody has raised a hand"
    account.raise_hand(raised("a", after(1)), after(2))
    account.answered_at = answered_at
    assert account.pinned_until(14 * DAY) == until, because


def test_who_raises_a_hand_after_an_answer_is_pinned_again():
    account = Account()
    account.raise_hand(raised("a", after(1)), after(1))
    account.answered_at = after(2)
    assert account.pinned_until(14 * DAY) is None
    account.raise_hand(raised("b", after(0)), after(3))
    assert account.pinned_until(14 * DAY) == after(15), "by the latest, which did not come last"
