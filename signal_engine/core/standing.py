"""Where an account stands at one instant: everything that lists, alerts and explanations show of it."""

from typing import NamedTuple

from signal_engine.core.account import Account, Evidence, Level
from signal_engine.core.alerts import Call
from signal_engine.core.events import Event
from signal_engine.core.fit import Fit
from signal_engine.core.kinds import KINDS
from signal_engine.core.levels import cools_at
from signal_engine.core.policy import Policy
from signal_engine.core.stack import Score, evaluate
from signal_engine.core.wording import line


class Shown(NamedTuple):
    """A piece of evidence with its points at the instant shown."""

    kind: str
    evidence: Evidence
    points: float


class Standing(NamedTuple):
    """One account at one instant. Values only: it stays as it was when the account moves on."""

    account: str
    score: Score
    level: Level
    previous_level: Level | None
    since: int | None
    """When the level began (ms)."""
    cools_at: int | None
    """When it ends with no new signal (ms)."""
    last_signal_at: int | None
    evidence: dict[str, tuple[Shown, ...]]
    """Per kind, strongest first."""
    people: tuple[str, ...]
    """Personas seen, newest first."""
    ids_let_go: int
    """Event ids forgotten before their time: duplicates of those would count again."""


class Alert(NamedTuple):
    """A call with the account as it stood."""

    call: Call
    standing: Standing
    fit: Fit
    why_now: str
    threshold: float | None


def standing(
    name: str,
    account: Account,
    at: int,
    policy: Policy,
    before: Standing | None = None,
    score: Score | None = None,
) -> Standing:
    """`account` at `at` (ms, not before `account.now`); its levels must have been rolled to `at`.

    `before` is an earlier one since when no signal was added: while the level is the same, so is its end, and to find
    that is most of the work. `score` is the one at `at`, for who knows it.
    """
    ends = (
        before.cools_at
        if before is not None and (before.level, before.since) == (account.level, account.since)
        else cools_at(account, at, policy)
    )
    evidence = {}
    for kind, kind_policy in policy.kinds.items():
        if state := account.kinds.get(kind):
            half_life = kind_policy.half_life
            evidence[kind] = tuple(Shown(kind, e, e.points(at, half_life)) for e in state.evidence)
    return Standing(
        name,
        score or evaluate(account, at, policy),
        account.level,
        account.previous_level,
        account.since,
        ends,
        account.last_signal_at,
        evidence,
        tuple(sorted(account.people, key=lambda p: (-account.people[p], p))),
        account.ids.overflow,
    )


def why_now(standing: Standing, trigger: Event | None = None) -> str:
    """One sentence, never the score: the triggering signal; without one the strongest now, then the newest."""
    if trigger is not None:
        return line(trigger)
    best = max(
        (shown for kind in standing.evidence.values() for shown in kind),
        key=lambda s: (round(s.points, 9), s.evidence.occurred_at, -KINDS.index(s.kind), s.evidence.event_id),
        default=None,
    )
    return best.evidence.text if best else ""


def alert(name: str, account: Account, call: Call, fit: Fit, policy: Policy, trigger: Event | None = None) -> Alert:
    """The alert of `call`, with the account as it stands at the call's instant."""
    at_call = standing(name, account, call.at, policy)
    hot = policy.levels.hot
    threshold = {"entered_hot": hot.enter, "new_evidence": hot.enter, "cooled": hot.exit}.get(call.type)
    return Alert(call, at_call, fit, why_now(at_call, trigger), threshold)
