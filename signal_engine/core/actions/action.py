"""One account action: what a named person decided about an account, as the topic `account.actions` has it."""

from typing import Final, Literal, NamedTuple, get_args

ActionName = Literal[
    "kill",
    "do_not_contact",
    "snooze",
    "claim",
    "disposition",
    "assign",
    "mute",
    "restore",
    "release",
    "lift",
]
"""`restore` ends a kill, snooze or disposition, `release` a claim, `lift` a `do_not_contact`."""
ACTIONS: Final[tuple[ActionName, ...]] = get_args(ActionName)
KILL: Final = "kill"
DO_NOT_CONTACT: Final = "do_not_contact"
SNOOZE: Final = "snooze"
CLAIM: Final = "claim"
DISPOSITION: Final = "disposition"
ASSIGN: Final = "assign"
MUTE: Final = "mute"
RESTORE: Final = "restore"
RELEASE: Final = "release"
LIFT: Final = "lift"

Outcome = Literal[
    "contacted",
    "meeting_booked",
    "no_response",
    "not_now",
    "no_budget",
    "wrong_person",
    "competitor",
    "not_a_fit",
]
"""What came of calling the account."""
OUTCOMES: Final[tuple[Outcome, ...]] = get_args(Outcome)
KEEPING: Final[frozenset[Outcome]] = frozenset({"contacted", "meeting_booked"})
"""Outcomes that keep the account on its lists; with every other one it leaves them until `until`."""

Via = Literal["cli", "api", "dashboard", "slack", "mail"]
"""By which way an action came."""

ANSWERS: Final[frozenset[ActionName]] = frozenset({CLAIM, DISPOSITION, SNOOZE, KILL, DO_NOT_CONTACT})
"""Actions that answer a hand raise, and so end its pin."""


class Authority(NamedTuple):
    """The ICP by which whoever acted was entitled to, checked before the action was written."""

    icp: str
    version: int
    owner: str
    """E-mail."""


class AccountAction(NamedTuple):
    """One action. All instants in ms since 1970."""

    account: str
    """A registrable domain."""
    action_id: str
    """A UUID, lower case; the same id is the same action."""
    action: ActionName
    at: int
    """When the person acted, for people to read. What decides is the record's timestamp."""
    by: str
    """E-mail of the person who acted."""
    via: Via
    authority: Authority | None = None
    reason: str | None = None
    """1 to 500 characters."""
    until: int | None = None
    """When its effect ends by itself; always there for snooze, claim, mute, and outcomes that leave the lists."""
    icp: str | None = None
    """Of kill and restore: for this ICP alone; None: everywhere."""
    outcome: Outcome | None = None
    """Of a disposition."""
    assignee: str | None = None
    """Of an assign: the e-mail of who calls from now on."""
    take_over: bool = False
    """Of a claim: it also replaces a claim of somebody else."""
    review_at: int | None = None
    """Of a kill: when it is to be looked at again. Nothing ends then."""
    request: str | None = None
    """A digest of what was asked for at the door, before it added terms; None: it was written past the door."""
