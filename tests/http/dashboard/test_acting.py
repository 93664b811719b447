"""Who sees which button, and how what was decided is told."""

from typing import Any

import pytest

from signal_engine.adapters.http.dashboard.acting import (
    OUTCOME_IN_WORDS,
    READER,
    Viewer,
    account_acts,
    dialogs,
    row_acts,
    viewer_of,
)
from signal_engine.core.actions.action import KEEPING, OUTCOMES
from signal_engine.core.actions.in_force import InForce
from signal_engine.core.fit.icp import Fit
from signal_engine.engine.door.check import DISPOSITION_DAYS
from signal_engine.wire.output.actions import in_force
from tests.build import ACME, T0, after
from tests.engine.door.test_check import (
    BOTH,
    CLAIMED,
    CONTACTED,
    DANA,
    FINTECH,
    KILLED,
    KILLED_EVERYWHERE,
    KIM,
    NEITHER,
    NO_CONTACT,
    NOOR,
    NOT_NOW,
    ONE,
    SAAS,
    SAM,
    SNOOZED,
)

ICPS = (SAAS, FINTECH)


def acts(actor: str | None, decided: InForce, fit: Fit | None = ONE) -> dict[str, Any]:
    return account_acts(ACME, in_force(decided), viewer_of(actor, ICPS), fit, ICPS, T0)


def test_the_viewer_owns_what_the_icps_in_force_say() -> None:
    assert viewer_of(None, ICPS) is READER
    assert viewer_of("Dana@Example.com", ICPS) == Viewer("Dana@Example.com", frozenset({"saas"}))
    assert viewer_of(SAM, ICPS).owned == frozenset()


@pytest.mark.parametrize(
    ("actor", "fit", "kills"),
    [
        (None, ONE, []),
        (SAM, ONE, []),
        (DANA, ONE, ["saas"]),
        (NOOR, ONE, []),
        (DANA, BOTH, ["saas"]),
        (DANA, NEITHER, []),
        (DANA, None, []),
    ],
)
def test_who_sees_disqualify_for_which_list(actor: str | None, fit: Fit | None, kills: list[str]) -> None:
    assert acts(actor, InForce(), fit)["kills"] == kills


def test_who_owns_all_icps_that_admit_it_may_disqualify_it_everywhere() -> None:
    icps = (SAAS, FINTECH._replace(owner_email=DANA))
    assert account_acts(ACME, [], viewer_of(DANA, icps), BOTH, icps, T0)["kills"] == ["saas", "fintech", ""]


@pytest.mark.parametrize(
    ("decided", "actor", "restorable"),
    [
        (KILLED, DANA, ["saas"]),
        (KILLED, SAM, []),
        (KILLED_EVERYWHERE, DANA, [""]),
        (KILLED_EVERYWHERE, NOOR, []),
        (SNOOZED, SAM, [""]),
        (SNOOZED, DANA, [""]),
        (SNOOZED, KIM, []),
        (NOT_NOW, SAM, [""]),
        (CONTACTED, SAM, []),
        (NO_CONTACT, DANA, []),
        (CLAIMED, SAM, []),
        (SNOOZED, None, []),
    ],
)
def test_who_sees_restore(decided: InForce, actor: str | None, restorable: list[str]) -> None:
    assert acts(actor, decided)["restorable"] == restorable


def test_a_claim_is_mine_or_somebodys() -> None:
    mine, theirs = acts(SAM, CLAIMED), acts(KIM, CLAIMED)
    assert (mine["claimed_by"], mine["mine"], theirs["mine"]) == (SAM, True, False)
    assert [one["by"] for one in (*mine["decided"], *theirs["decided"])] == ["you", SAM]
    (decided,) = mine["decided"]
    assert (decided["what"], decided["until"].day) == ("Claimed", "4 Jan 2026")


def test_what_was_decided_is_told_in_words() -> None:
    said = [
        one["what"]
        for one in acts(None, NOT_NOW._replace(kills=KILLED.kills, do_not_contact=NO_CONTACT.do_not_contact))["decided"]
    ]
    assert said == ["Not to be contacted", "Disqualified for saas", "Not now"]


def test_a_row_shows_who_has_it_and_only_the_owner_of_its_icp_disqualifies() -> None:
    entry = {"icp": "saas", "claimed_by": KIM, "claimed_at": "2026-01-01T00:00:00Z"}
    owner, reader = row_acts(entry, viewer_of(DANA, ICPS), after(days=1)), row_acts(entry, READER, after(days=1))
    assert (owner["kills"], owner["claimed_by"], owner["mine"], owner["claimed_at"].short) == (
        ["saas"],
        KIM,
        False,
        "1 day ago",
    )
    assert (reader["may_act"], reader["kills"], reader["claimed_by"]) == (False, [], KIM)


def test_every_outcome_has_words_and_says_what_it_does() -> None:
    assert OUTCOME_IN_WORDS.keys() == set(OUTCOMES)
    shown = dialogs(Viewer(SAM), {**DISPOSITION_DAYS, "not_now": 7})
    assert shown is not None
    told = {outcome: effect for outcome, _, effect in shown["outcomes"]}
    assert all((told[outcome] == "stays on the list") is (outcome in KEEPING) for outcome in OUTCOMES)
    assert told["not_now"] == "off the lists for 7 days"
    assert dialogs(READER, DISPOSITION_DAYS) is None
