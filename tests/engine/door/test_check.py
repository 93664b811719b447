"""Who may do what at the door, what is refused and why, and with which terms an action is written."""

from typing import Any

import pytest

from signal_engine.core.actions.action import KEEPING, OUTCOMES, AccountAction, Authority
from signal_engine.core.actions.in_force import NOTHING, InForce, StandingAction
from signal_engine.core.fit.icp import Fit
from signal_engine.engine.door.authority import DecidedAccount
from signal_engine.engine.door.check import DISPOSITION_DAYS, Terms, check_action
from signal_engine.engine.door.wanted import ActionRefusal, WantedAction
from signal_engine.wire.storage.in_force import IcpInForce
from tests.build import ACME, DAY, T0, after, fit_decision

ID = "6f1c2d34-90ab-4cde-8f01-23456789abcd"
DANA, NOOR, SAM, KIM, PAT = (f"{name}@example.com" for name in ("dana", "noor", "sam", "kim", "pat"))
SAAS = IcpInForce("saas", 3, "Dana Reyes", DANA, "2027-02-20")
FINTECH = IcpInForce("fintech", 5, "Noor Adeyemi", NOOR, "2027-02-20")
TERMS = Terms(privacy_owner=PAT)
BY_SAAS, BY_FINTECH = Authority("saas", 3, DANA), Authority("fintech", 5, NOOR)


def decided(saas: str = "chase", fintech: str = "ignore") -> Fit:
    return Fit(ACME, (fit_decision(saas, icp="saas"), fit_decision(fintech, icp="fintech")))  # type: ignore[arg-type]


BOTH, ONE, NEITHER = decided("chase", "unknown"), decided(), decided("ignore")


def standing(by: str = SAM, **more: Any) -> StandingAction:
    return StandingAction(by, T0 - DAY, **more)


def checked(
    action: str, by: str, fit: Fit | None = ONE, in_force: InForce = NOTHING, terms: Terms = TERMS, **more: Any
) -> AccountAction | ActionRefusal:
    wanted = WantedAction("https://www.acme.com/x", action, by, "cli", ID, **more)  # type: ignore[arg-type]
    return check_action(ACME, wanted, DecidedAccount(fit, (SAAS, FINTECH), in_force), terms, T0)


KILLED = InForce(kills={"saas": standing(DANA)})
KILLED_EVERYWHERE = InForce(kills={"": standing(DANA)})
SNOOZED = InForce(snooze=standing(SAM, until=after(days=3)))
CLAIMED = InForce(claim=standing(SAM, until=after(days=3)))
NOT_NOW = InForce(disposition=standing(SAM, outcome="not_now", until=after(days=3)))
CONTACTED = InForce(disposition=standing(SAM, outcome="contacted"))
NO_CONTACT = InForce(do_not_contact=standing(SAM))

DONE: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
    ("the owner kills for the one ICP that admits it", {"action": "kill", "by": DANA},
     {"icp": "saas", "authority": BY_SAAS, "review_at": after(days=180), "until": None}),
    ("e-mail addresses have no case", {"action": "kill", "by": "Dana@Example.com"}, {"by": DANA, "icp": "saas"}),
    ("an ICP that is undecided admits it, too", {"action": "kill", "by": NOOR, "fit": BOTH, "icp": "fintech"},
     {"icp": "fintech", "authority": BY_FINTECH}),
    ("each owner for their own list", {"action": "kill", "by": DANA, "fit": BOTH}, {"icp": "saas"}),
    ("everywhere, where all that admit it are theirs", {"action": "kill", "by": DANA, "everywhere": True},
     {"icp": None, "authority": BY_SAAS}),
    ("the owner restores for the ICP", {"action": "restore", "by": DANA, "in_force": KILLED},
     {"icp": "saas", "authority": BY_SAAS}),
    ("also when the ICP no longer admits it",
     {"action": "restore", "by": DANA, "in_force": KILLED, "fit": NEITHER, "icp": "saas"}, {"icp": "saas"}),
    ("the owner ends a kill everywhere", {"action": "restore", "by": DANA, "in_force": KILLED_EVERYWHERE},
     {"icp": None, "authority": BY_SAAS}),
    ("any owner ends one of an account that no ICP admits any more",
     {"action": "restore", "by": NOOR, "in_force": KILLED_EVERYWHERE, "fit": NEITHER}, {"icp": None}),
    ("an owner ends somebody's snooze", {"action": "restore", "by": DANA, "in_force": SNOOZED}, {"icp": None}),
    ("whoever snoozed ends it", {"action": "restore", "by": SAM, "in_force": SNOOZED},
     {"icp": None, "authority": None}),
    ("whoever gave a disposition takes it back", {"action": "restore", "by": SAM, "in_force": NOT_NOW}, {"icp": None}),
    ("anybody bars an account", {"action": "do_not_contact", "by": SAM, "fit": None}, {"until": None}),
    ("the privacy owner lifts it", {"action": "lift", "by": PAT, "in_force": NO_CONTACT}, {"by": PAT}),
    ("anybody snoozes until they say", {"action": "snooze", "by": SAM, "until": after(days=9)},
     {"until": after(days=9), "authority": None}),
    ("a claim ends after 14 days", {"action": "claim", "by": SAM}, {"until": after(days=14)}),
    ("or when they say", {"action": "claim", "by": SAM, "until": after(days=2)}, {"until": after(days=2)}),
    ("the claimer claims again", {"action": "claim", "by": SAM, "in_force": CLAIMED}, {"until": after(days=14)}),
    ("somebody takes over", {"action": "claim", "by": KIM, "in_force": CLAIMED, "take_over": True},
     {"take_over": True}),
    ("a claim that has ended is nobody's",
     {"action": "claim", "by": KIM, "in_force": InForce(claim=standing(SAM, until=T0))}, {"by": KIM}),
    ("the claimer releases", {"action": "release", "by": SAM, "in_force": CLAIMED}, {"authority": None}),
    ("the owner of the rule releases", {"action": "release", "by": DANA, "in_force": CLAIMED}, {"authority": BY_SAAS}),
    ("contacted keeps the account and never ends", {"action": "disposition", "by": SAM, "outcome": "contacted"},
     {"outcome": "contacted", "until": None}),
    ("anybody proposes that it does not fit",
     {"action": "disposition", "by": SAM, "outcome": "not_a_fit", "reason": "Sold."},
     {"until": after(days=180), "reason": "Sold."}),
    ("days of an outcome are a setting",
     {"action": "disposition", "by": SAM, "outcome": "not_now", "terms": Terms("", {**DISPOSITION_DAYS, "not_now": 7})},
     {"until": after(days=7)}),
    ("or said", {"action": "disposition", "by": SAM, "outcome": "not_now", "until": after(days=1)},
     {"until": after(days=1)}),
    ("somebody is to call", {"action": "assign", "by": SAM, "assignee": KIM}, {"assignee": KIM}),
    ("no alerts for a while", {"action": "mute", "by": SAM, "until": after(days=5)}, {"until": after(days=5)}),
]  # fmt: skip


@pytest.mark.parametrize(("asked", "written"), [row[1:] for row in DONE], ids=[row[0] for row in DONE])
def test_what_is_done(asked: dict[str, Any], written: dict[str, Any]) -> None:
    action = checked(**asked)
    assert isinstance(action, AccountAction), action
    assert (action.account, action.action_id, action.at, action.via) == (ACME, ID, T0, "cli")
    assert {name: getattr(action, name) for name in written} == written


REFUSED: list[tuple[str, dict[str, Any], str, str]] = [
    ("a kill by anybody else names the owner, and what they may do", {"action": "kill", "by": SAM}, "forbidden",
     "Dana Reyes <dana@example.com> owns saas; you may propose it by the disposition not_a_fit"),
    ("the owner of another ICP is anybody else", {"action": "kill", "by": NOOR}, "forbidden", "owns saas"),
    ("for another's list", {"action": "kill", "by": DANA, "fit": BOTH, "icp": "fintech"}, "forbidden",
     "Noor Adeyemi <noor@example.com> owns fintech"),
    ("everywhere, where another's ICP admits it, too", {"action": "kill", "by": DANA, "fit": BOTH, "everywhere": True},
     "forbidden", "noor@example.com"),
    ("no ICP admits it", {"action": "kill", "by": DANA, "fit": NEITHER}, "forbidden", "no ICP in force admits"),
    ("it is in no accounts file", {"action": "kill", "by": DANA, "fit": None}, "forbidden", "no ICP in force admits"),
    ("the ICP named ignores it", {"action": "kill", "by": NOOR, "icp": "fintech"}, "conflict", "does not admit"),
    ("an ICP that is not in force", {"action": "kill", "by": DANA, "icp": "old"}, "invalid", "in force: saas, fintech"),
    ("an ICP and everywhere", {"action": "kill", "by": DANA, "icp": "saas", "everywhere": True}, "invalid", "exclude"),
    ("a kill does not end", {"action": "kill", "by": DANA, "until": after(days=1)}, "invalid", "until does not belong"),
    ("a restore by anybody else", {"action": "restore", "by": SAM, "in_force": KILLED},
     "forbidden", "dana@example.com"),
    ("by name", {"action": "restore", "by": NOOR, "in_force": KILLED, "icp": "saas"}, "forbidden", "dana@example.com"),
    ("everywhere by anybody else", {"action": "restore", "by": SAM, "in_force": KILLED_EVERYWHERE},
     "forbidden", "owns saas"),
    ("somebody else's snooze", {"action": "restore", "by": KIM, "in_force": SNOOZED}, "forbidden", "owns saas"),
    ("a snooze of their own beside a kill of others",
     {"action": "restore", "by": SAM, "in_force": SNOOZED._replace(kills=KILLED_EVERYWHERE.kills)},
     "forbidden", "owns saas"),
    ("nothing is hidden", {"action": "restore", "by": DANA}, "conflict", "not hidden"),
    ("a disposition that keeps the account hides nothing", {"action": "restore", "by": SAM, "in_force": CONTACTED},
     "conflict", "not hidden"),
    ("a snooze that has ended", {"action": "restore", "by": DANA, "in_force": InForce(snooze=standing(SAM, until=T0))},
     "conflict", "not hidden"),
    ("not killed for that ICP", {"action": "restore", "by": NOOR, "in_force": KILLED, "icp": "fintech"},
     "conflict", "not killed for fintech"),
    ("killed for one ICP, restored everywhere",
     {"action": "restore", "by": DANA, "in_force": KILLED, "everywhere": True}, "conflict", "killed for saas alone"),
    ("a lift by anybody else", {"action": "lift", "by": DANA, "in_force": NO_CONTACT}, "forbidden", PAT),
    ("nobody is the privacy owner", {"action": "lift", "by": PAT, "in_force": NO_CONTACT, "terms": Terms()},
     "forbidden", "names nobody"),
    ("nothing to lift", {"action": "lift", "by": PAT}, "conflict", "no do_not_contact"),
    ("a snooze without an end", {"action": "snooze", "by": SAM}, "invalid", "until is missing"),
    ("an end that has passed", {"action": "snooze", "by": SAM, "until": T0}, "invalid", "until is in the past"),
    ("a claim of what somebody else has", {"action": "claim", "by": KIM, "in_force": CLAIMED}, "conflict",
     "sam@example.com has claimed the account until 2026-01-04T00:00:00Z; take_over"),
    ("a release by anybody else", {"action": "release", "by": KIM, "in_force": CLAIMED}, "forbidden", SAM),
    ("nothing to release", {"action": "release", "by": SAM}, "conflict", "nobody has claimed"),
    ("a disposition without an outcome", {"action": "disposition", "by": SAM}, "invalid", "outcome is missing"),
    ("an outcome that does not end",
     {"action": "disposition", "by": SAM, "outcome": "contacted", "until": after(days=1)},
     "invalid", "takes no until"),
    ("an assign of nobody", {"action": "assign", "by": SAM}, "invalid", "assignee is missing"),
    ("an assign of no e-mail address", {"action": "assign", "by": SAM, "assignee": "kim"}, "invalid",
     "assignee must be an e-mail address"),
    ("a mute without an end", {"action": "mute", "by": SAM}, "invalid", "until is missing"),
    ("somebody without an address", {"action": "do_not_contact", "by": "sam"},
     "invalid", "by must be an e-mail address"),
    ("an empty reason", {"action": "do_not_contact", "by": SAM, "reason": ""},
     "invalid", "reason must have at least 1"),
    ("a reason of 501 characters", {"action": "do_not_contact", "by": SAM, "reason": "x" * 501}, "invalid",
     "reason must have at most 500"),
    ("an outcome of a claim", {"action": "claim", "by": SAM, "outcome": "contacted"},
     "invalid", "outcome does not belong"),
    ("a claim everywhere", {"action": "claim", "by": SAM, "everywhere": True}, "invalid", "everywhere does not belong"),
]  # fmt: skip


@pytest.mark.parametrize(("asked", "fault", "said"), [row[1:] for row in REFUSED], ids=[row[0] for row in REFUSED])
def test_what_is_refused(asked: dict[str, Any], fault: str, said: str) -> None:
    refused = checked(**asked)
    assert isinstance(refused, ActionRefusal), refused
    assert refused.fault == fault
    assert said in refused.detail


def test_an_owner_of_two_icps_says_which() -> None:
    icps = (SAAS, FINTECH._replace(owner_email=DANA))
    wanted = WantedAction(ACME, "kill", DANA, "cli", ID)
    refused = check_action(ACME, wanted, DecidedAccount(BOTH, icps, NOTHING), TERMS, T0)
    assert refused == ActionRefusal("invalid", "icp is missing: say saas or fintech, or everywhere")
    killed = check_action(ACME, wanted._replace(everywhere=True), DecidedAccount(BOTH, icps, NOTHING), TERMS, T0)
    assert isinstance(killed, AccountAction)
    assert killed.icp is None


def test_every_outcome_keeps_the_account_or_has_its_days() -> None:
    assert set(OUTCOMES) == KEEPING | DISPOSITION_DAYS.keys()
