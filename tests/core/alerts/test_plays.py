"""The next step: the first play that fits the account and the reason to call, and none where nobody is to call."""

import pytest

from signal_engine.core.alerting.plays import OCCASIONS, Play, next_step
from signal_engine.core.fit.icp import Fit
from signal_engine.core.rules.kinds import KINDS
from signal_engine.core.score.snapshot import AccountSnapshot, take_snapshot
from tests.build import ACME, HAND_RAISES, T0, Story, event, fit, kind, policy

RULES = policy(kind(half_life=8), kind("hiring", half_life=8), kind("engagement", half_life=8, rules=HAND_RAISES))
WHATEVER = Play("Call.")


def snapshot(*events) -> AccountSnapshot:
    story = Story(RULES)
    for one in events:
        story.tell(one)
    return take_snapshot(ACME, story.account, T0, RULES)


HIRING = snapshot(event(points=30), event("hiring", 40))
ASKED = snapshot(event("hiring", 40), event("engagement", 20, activity="demo_request"))


def step(*plays: Play, of: AccountSnapshot = HIRING, who: Fit | None = None) -> str | None:
    return next_step(plays, of, who or fit(), RULES)


def test_the_first_play_that_fits_is_taken() -> None:
    assert step(Play("a", occasion="intent"), Play("b", occasion="hiring"), WHATEVER) == "b"
    assert step(WHATEVER, Play("b", occasion="hiring")) == "Call."
    assert step(Play("a", occasion="intent")) is None
    assert step() is None


def test_somebody_who_asked_to_be_called_comes_before_the_kind_of_the_signal() -> None:
    plays = (Play("a", occasion="engagement"), Play("b", occasion="hand_raise"))
    assert step(*plays, of=ASKED) == "b"
    assert step(Play("a", occasion="hiring"), of=ASKED) is None


def test_a_play_for_a_profile_or_a_segment_is_for_no_other() -> None:
    assert step(Play("a", icp="fintech"), Play("b", icp="saas")) == "b"
    who = fit(segment=" Mid-Market ")
    assert step(Play("a", segment="enterprise"), Play("b", segment="mid-market"), who=who) == "b"
    assert step(Play("a", segment="mid-market")) is None, "it is in no segment"


@pytest.mark.parametrize("who", [fit("ignore"), fit("deprioritize"), fit(suppressed=True), fit(relation="partner")])
def test_where_nobody_is_alerted_there_is_nothing_to_do(who: Fit) -> None:
    assert step(WHATEVER, who=who) is None
    assert next_step([WHATEVER], HIRING, None, RULES) is None


def test_a_cold_account_has_a_next_step_only_if_somebody_asked() -> None:
    assert step(WHATEVER, of=snapshot(event(points=10))) is None
    asked = snapshot(event("engagement", 20, activity="demo_request"))
    assert asked.level == "cold"
    assert step(WHATEVER, of=asked) == "Call."


def test_a_reason_that_is_no_signal_takes_only_a_play_for_everything() -> None:
    of = HIRING._replace(why_now=None)
    assert step(Play("a", occasion="hiring"), WHATEVER, of=of) == "Call."


def test_there_may_be_a_play_for_each_signal_type() -> None:
    assert set(OCCASIONS) == {"hand_raise", *KINDS}
