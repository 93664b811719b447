"""Who may be on a list, and who may be alerted: fit, suppression and relation (scoring.md, sections 5 to 7)."""

import pytest

from signal_engine.core.fit.eligibility import audience, goes_to_triage, kept_off, unalerted_reason, unlisted_reason
from signal_engine.core.rules.policy import RelationPolicy
from tests.build import fit, fit_decision, policy

RULES = policy()


@pytest.mark.parametrize(
    ("who", "reason"),
    [
        (None, "not_in_accounts"),
        (fit("ignore"), "not_fit"),
        (fit("unknown"), "fit_unknown"),
        (fit("deprioritize"), "deprioritized"),
        (fit(suppressed=True), "suppressed"),
        (fit("ignore", suppressed=True), "not_fit"),
        (fit(suppressed=True, relation="own"), "suppressed"),
        (fit("unknown", relation="own"), "fit_unknown"),
        (fit(relation="partner"), "relation"),
        (fit(relation="competitor"), "relation"),
        (fit(relation="do_not_contact"), "relation"),
        (fit(relation="own"), "relation"),
        (fit(relation="customer"), None),
        (fit(relation="open_opportunity"), None),
        (fit(relation="former_customer"), None),
        (fit(), None),
    ],
)
def test_of_an_account_to_chase_whose_relation_is_alerted_somebody_is(who, reason):
    assert unalerted_reason(who, RULES) == reason


@pytest.mark.parametrize(
    ("who", "decision", "reason"),
    [
        (None, None, "not_in_accounts"),
        (None, fit_decision(), "not_in_accounts"),
        (fit(), None, "not_fit"),
        (fit(), fit_decision("ignore"), "not_fit"),
        (fit(), fit_decision("unknown"), "fit_unknown"),
        (fit(), fit_decision("deprioritize"), "deprioritized"),
        (fit(suppressed=True), fit_decision(), "suppressed"),
        (fit(relation="customer"), fit_decision(), "relation"),
        (fit(relation="open_opportunity"), fit_decision(), "relation"),
        (fit(relation="partner"), fit_decision(), "relation"),
        (fit(relation="former_customer"), fit_decision(), None),
        (fit("ignore"), fit_decision(), None),
        (fit(), fit_decision(), None),
    ],
)
def test_an_account_that_the_list_chases_and_whose_relation_is_listed_may_be_on_it(who, decision, reason):
    assert unlisted_reason(who, decision, RULES) == reason


def test_the_scoring_file_says_which_relations_are_listed_and_alerted():
    own = policy(relations={"customer": RelationPolicy(listed=True, alert="sdr"), "prospect": RelationPolicy()})
    assert unalerted_reason(fit(relation="customer"), own) is None
    assert unlisted_reason(fit(relation="customer"), fit_decision(), own) is None
    assert unalerted_reason(fit(), own) == unlisted_reason(fit(), fit_decision(), own) == "relation"
    assert unalerted_reason(fit(relation="former_customer"), own) == "relation"


@pytest.mark.parametrize(
    ("who", "goes"),
    [
        (None, True),
        (fit("ignore"), True),
        (fit(relation="partner"), True),
        (fit(relation="customer"), True),
        (fit(suppressed=True), False),
        (fit("unknown", suppressed=True), False),
        (fit(relation="do_not_contact"), False),
        (fit(relation="competitor"), False),
        (fit(relation="own"), False),
    ],
)
def test_who_asks_to_be_called_goes_to_triage_unless_nobody_should_ever_call(who, goes):
    assert goes_to_triage(who) is goes


@pytest.mark.parametrize(
    ("relation", "whom"),
    [("prospect", "sdr"), ("former_customer", "sdr"), ("customer", "owner"), ("partner", "triage")],
)
def test_an_alert_is_for_whom_the_relation_says(relation, whom):
    assert audience(fit(relation=relation), RULES) == whom


@pytest.mark.parametrize(
    ("who", "reason"),
    [
        (fit(suppressed=True), "suppressed"),
        (fit("ignore", suppressed=True), "suppressed"),
        (fit(relation="own"), "relation"),
        (fit("ignore"), None),
        (fit(), None),
    ],
)
def test_what_keeps_an_account_off_lists_whatever_its_icps_decide(who, reason):
    assert kept_off(who, RULES) == reason
