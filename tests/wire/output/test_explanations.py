"""The explanation of an account: the fit of the ICPs in force, and sentences that hold wherever they are read."""

from typing import Any

import pytest

from signal_engine.core.fit.eligibility import unalerted_reason, unlisted_reason
from signal_engine.core.fit.icp import Fit
from signal_engine.core.fit.reasons import NoAlertReason
from signal_engine.wire.output.explanations import explained_fit, in_words
from signal_engine.wire.storage.in_force import IcpInForce
from tests.build import ACME, fit, fit_decision, policy

SAAS = IcpInForce("saas", 1, "Dana Reyes", "dana@example.com", "2027-02-20", ("finance", "it"))
TWO = Fit(ACME, (fit_decision(icp="saas"), fit_decision("deprioritize", 50.0, "C", "retired")))


def test_it_says_who_decides_when_that_is_reviewed_and_who_of_the_buying_group_is_missing() -> None:
    (result,) = explained_fit(fit(), (SAAS,), frozenset({"it", "sales"}))
    assert (result["icp"], result["primary"], result["decision"], result["tier"]) == ("saas", True, "chase", "A")
    assert (result["icp_owner"], result["review_by"]) == ("Dana Reyes", "2027-02-20")
    assert result["buying_group"] == [{"persona": "finance", "seen": False}, {"persona": "it", "seen": True}]


@pytest.mark.parametrize(
    ("who", "icps", "result"),
    [
        (TWO, (SAAS,), ["saas"]),
        (TWO, (), []),
        (None, (SAAS,), []),
    ],
    ids=["an ICP was retired a moment ago", "all were", "in no accounts file"],
)
def test_what_an_icp_decided_that_is_not_in_force_any_more_is_not_told(who: Any, icps: Any, result: list[str]) -> None:
    """While a new fit table is taken over, rows still hold what the ICPs before it decided."""
    assert [one["icp"] for one in explained_fit(who, icps)] == result


def test_of_a_customer_the_owner_is_alerted_and_no_sentence_says_that_nobody_is() -> None:
    """It is on no list, and why not is the same sentence there as where no alert is due."""
    one, rules = fit(relation="customer"), policy()
    assert (unlisted_reason(one, one.primary, rules), unalerted_reason(one, rules)) == (NoAlertReason.RELATION, None)
    assert in_words(NoAlertReason.RELATION) == "its relation to us excludes it"
    assert in_words(None) is None
