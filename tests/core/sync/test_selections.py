"""Who is in which selection, and whose signals may leave."""

from dataclasses import replace

import pytest

from signal_engine.core.actions.in_force import InForce, StandingAction
from signal_engine.core.fit.acted import acted_on
from signal_engine.core.fit.icp import Fit, FitDecision
from signal_engine.core.rules.relations import RELATIONS
from signal_engine.core.sync.fields import LONGEST_TEXT, may_show_off_lists, shows_signals, wanted_fields
from signal_engine.core.sync.selections import SELECTIONS, selected
from tests.build import policy
from tests.core.sync.stands import stands

CHASED = Fit("a.example", (FitDecision("core", 2, "chase", 90.0, "A", ("fits",)),))
ACTION = StandingAction("ann@example.com", 1)


def among(fit: Fit, level: str = "warm") -> set[str]:
    return {one for one in SELECTIONS if selected(one, fit, level, policy())}  # type: ignore[arg-type]


def test_a_prospect_that_fits_is_nurtured_until_it_is_hot() -> None:
    assert among(CHASED, "cold") == among(CHASED, "warm") == {"nurture", "audience"}
    assert among(CHASED, "hot") == {"audience"}


def test_who_does_not_fit_is_in_none() -> None:
    assert among(Fit("a.example", (FitDecision("core", 2, "ignore", None, None, ("too small",)),))) == set()


@pytest.mark.parametrize("relation", RELATIONS)
def test_relations(relation: str) -> None:
    excluded = {"customer", "open_opportunity", "do_not_contact", "competitor", "own"}
    found = among(replace(CHASED, relation=relation))  # type: ignore[arg-type]
    assert ("exclude" in found) == (relation in excluded)
    assert ("audience" in found) == (relation == "prospect")
    assert found.isdisjoint({"audience", "nurture"}) or "exclude" not in found


@pytest.mark.parametrize("relation", RELATIONS)
def test_whose_owner_is_alerted_though_it_is_on_no_list(relation: str) -> None:
    fit = replace(CHASED, relation=relation)  # type: ignore[arg-type]
    found = may_show_off_lists(fit, policy())
    assert found == (relation in {"customer", "open_opportunity"}), relation
    assert not may_show_off_lists(replace(fit, suppressed=True), policy())
    snoozed = acted_on("a.example", fit, InForce(snooze=ACTION))
    assert snoozed is not None
    assert may_show_off_lists(snoozed, policy()) == found, "a snooze ends by itself"


def test_a_disposition_ends_nurturing_and_do_not_contact_everything() -> None:
    disposed = replace(CHASED, actions=InForce(disposition=ACTION._replace(outcome="not_now")))
    assert among(disposed) == {"audience"}
    assert among(replace(CHASED, actions=InForce(do_not_contact=ACTION))) == {"exclude"}
    assert among(replace(CHASED, suppressed=True)) == {"exclude"}


KILLED = FitDecision("core", 2, "ignore", None, None, ("killed",))
OTHER = FitDecision("other", 1, "chase", 80.0, "B", ("fits",))


@pytest.mark.parametrize(
    "fit",
    [
        replace(CHASED, suppressed=True),
        replace(CHASED, relation="competitor"),
        replace(CHASED, relation="partner"),
        replace(CHASED, actions=InForce(snooze=ACTION)),
        replace(CHASED, actions=InForce(kills={"": ACTION})),
        replace(CHASED, decisions=(KILLED,)),
        replace(CHASED, decisions=(KILLED,), relation="customer"),
    ],
    ids=["suppressed", "competitor", "partner", "snoozed", "killed", "does not fit", "customer that does not fit"],
)
def test_signals_of_accounts_that_nobody_is_to_call_do_not_leave(fit: Fit) -> None:
    assert not shows_signals(stands("hot", 80.4), fit, policy())
    fields = wanted_fields(stands("hot", 80.4), fit, "ann@example.com", policy())
    assert (fields["decision"], fields["score"], fields["level"]) == (fit.primary.decision, None, None)


@pytest.mark.parametrize(
    "fit",
    [
        CHASED,
        replace(CHASED, relation="former_customer"),
        replace(CHASED, relation="open_opportunity"),
        replace(CHASED, relation="customer"),
        replace(CHASED, decisions=(KILLED, OTHER)),
    ],
    ids=["prospect", "former customer", "open opportunity", "customer", "fits another ICP"],
)
def test_signals_leave_while_they_put_it_on_a_list_or_would(fit: Fit) -> None:
    assert shows_signals(stands("hot", 80.4), fit, policy())
    assert shows_signals(stands("warm", 30.0), fit, policy())
    assert not shows_signals(stands("cold", 12.0), fit, policy())
    assert shows_signals(stands("cold", 12.0)._replace(pinned_until=9_000), fit, policy())


def test_the_twelve_fields() -> None:
    assert wanted_fields(stands("hot", 80.4), CHASED, "ann@example.com", policy()) == {
        "decision": "chase", "tier": "A", "icp": "core", "icp_version": 2, "reason": "fits",
        "rule_owner": "ann@example.com", "score": 80, "level": "hot", "badge": "hot", "why_now": "Raised money",
        "hot_until": 9_000, "last_signal": 5_000,
    }  # fmt: skip
    assert wanted_fields(stands("warm", 30.0), CHASED, None, policy())["hot_until"] is None
    assert wanted_fields(stands("cold", 12.0), CHASED, None, policy())["badge"] is None
    assert wanted_fields(stands("hot", 80.4), CHASED, None, policy(), held_back=True)["score"] is None


def test_text_is_cut_to_what_every_crm_takes() -> None:
    long = replace(CHASED, decisions=(CHASED.primary._replace(reasons=("x" * 200, "y" * 200)),))
    reason = wanted_fields(stands("warm", 30.0), long, None, policy())["reason"]
    assert isinstance(reason, str)
    assert len(reason) == LONGEST_TEXT
