"""What events leave behind in an account: folded sums, the strongest evidence, the newest personas, the level."""

from itertools import permutations

import pytest

from signal_engine.core.account import EVIDENCE_KEPT, FORGET_FACET_BELOW, PEOPLE_KEPT, Account, Evidence, KindState
from signal_engine.core.instants import BEGINNING
from tests.build import DAY, T0, kind

INTENT = kind(half_life=1)


def folded(*signals: tuple[str, float, float], ref: int = T0) -> KindState:
    """Of (facet, points, days after T0)."""
    state = KindState(ref, {})
    for facet, points, days in signals:
        state.add(INTENT, facet, points, T0 + round(days * DAY))
    return state


def evidence(event_id: str, weight: float) -> Evidence:
    return Evidence(weight, T0, event_id, f"text of {event_id}", None)


def kept(*pieces: Evidence) -> list[str]:
    state = KindState(T0, {})
    for piece in pieces:
        if (place := state.place(piece.weight, piece.event_id)) < EVIDENCE_KEPT:
            state.keep(place, piece)
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
    state = KindState(T0, {"small": FORGET_FACET_BELOW * 1.999, "enough": FORGET_FACET_BELOW * 2})
    state.renormalise(INTENT, T0 + DAY)
    assert (state.ref, state.facets) == (T0 + DAY, {"enough": FORGET_FACET_BELOW})
    assert FORGET_FACET_BELOW == 1e-13


def test_evidence_is_worth_its_points_at_its_own_instant_and_half_a_half_life_later():
    piece = evidence("a", 3 + T0 / INTENT.half_life)
    assert piece.points(T0, INTENT.half_life) == pytest.approx(8.0, rel=1e-9)
    assert piece.points(T0 + DAY, INTENT.half_life) == pytest.approx(4.0, rel=1e-9)


def test_the_three_strongest_signals_of_a_kind_are_kept_strongest_first_in_whatever_order_they_came():
    pieces = [evidence("a", 1.0), evidence("b", 4.0), evidence("c", 2.0), evidence("d", 3.0)]
    for order in permutations(pieces):
        assert kept(*order) == ["b", "d", "c"]


def test_of_equally_strong_signals_the_lower_id_stands_first_in_whatever_order_they_came():
    pieces = [evidence(event_id, 1.0) for event_id in "abcd"]
    for order in permutations(pieces):
        assert kept(*order) == ["a", "b", "c"]


def test_a_place_is_counted_from_the_strongest():
    state = KindState(T0, {}, (evidence("b", 3.0), evidence("d", 2.0)))
    assert [
        state.place(weight, event_id)
        for weight, event_id in ((4, "x"), (3, "a"), (3, "c"), (2.5, "x"), (2, "c"), (2, "e"), (1, "a"))
    ] == [0, 0, 1, 1, 1, 2, 2]


def test_a_new_account_is_cold_and_has_never_been_anything_else():
    account = Account()
    assert (account.now, account.bound, account.kinds, account.people) == (BEGINNING, 0.0, {}, {})
    assert (account.level, account.previous_level, account.since) == ("cold", None, None)
    assert (account.episode, account.episode_began, account.alerted, account.named) == (0, 0, False, frozenset())
    assert (account.last_alert_at, account.last_alert_kinds, account.hand_raised_at) == (None, frozenset(), None)
    assert (account.last_signal_at, len(account.ids)) == (None, 0)


def test_each_rise_to_hot_begins_an_episode_with_nothing_alerted_and_no_kind_named():
    account = Account()
    account.enter("hot", T0)
    assert (account.level, account.previous_level, account.since) == ("hot", "cold", T0)
    assert (account.episode, account.episode_began) == (1, T0)
    account.alerted, account.named = True, frozenset({"intent"})
    account.enter("warm", T0 + 1)
    assert (account.level, account.previous_level, account.since) == ("warm", "hot", T0 + 1)
    assert (account.episode, account.episode_began, account.alerted, account.named) == (1, T0, True, {"intent"})
    account.enter("hot", T0 + 2)
    assert (account.episode, account.episode_began, account.alerted, account.named) == (2, T0 + 2, False, set())


def test_a_persona_is_remembered_by_when_it_was_last_seen():
    account = Account()
    for persona, at in (("cfo", 5), ("cto", 9), ("cfo", 7), ("cto", 3)):
        account.meet(persona, at)
    assert account.people == {"cfo": 7, "cto": 9}


def test_the_ten_newest_personas_are_kept():
    account = Account()
    for number in range(12):
        account.meet(f"p{number:02d}", T0 + number)
    assert PEOPLE_KEPT == 10
    assert sorted(account.people) == [f"p{number:02d}" for number in range(2, 12)]
    account.meet("late", T0)
    assert "late" not in account.people


def test_of_personas_seen_at_once_the_first_in_the_alphabet_goes():
    account = Account()
    for persona in "kjihgfedcba":
        account.meet(persona, T0)
    assert sorted(account.people) == list("bcdefghijk")
