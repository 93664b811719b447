"""The snapshot of an account at one instant: everything that lists, alerts and explanations show."""

from collections.abc import Iterable
from typing import NamedTuple

from signal_engine.core.rules.policy import KindPolicy, Level, Policy
from signal_engine.core.score.account import Account
from signal_engine.core.score.kind_state import Evidence
from signal_engine.core.score.levels import cools_at
from signal_engine.core.score.stack import Score, evaluate, live_personas, strength
from signal_engine.core.score.why_now import ScoredEvidence, WhyNow, strongest_reason


class PersonSeen(NamedTuple):
    """A persona seen at the account, as shown to people."""

    persona: str
    called: str
    """The latest title under which it was seen; blank if none was given."""
    at: int
    """When last (ms)."""


class AccountSnapshot(NamedTuple):
    """One account at one instant. Values only: later changes of the account do not affect it."""

    account: str
    score: Score
    level: Level
    previous_level: Level | None
    since: int | None
    """When the level began (ms)."""
    cools_at: int | None
    """When the level ends without new signals (ms)."""
    last_signal_at: int | None
    evidence: dict[str, tuple[ScoredEvidence, ...]]
    """Per kind, strongest first; where the newest is none of the strongest, it is the last."""
    worth: dict[str, float]
    """Per kind, all that its signals are worth now, before facets and the kind saturate."""
    people: tuple[PersonSeen, ...]
    """Newest first."""
    personas_live: frozenset[str]
    """Those of them that are known by name and have at least `live_floor` points."""
    pinned_until: int | None
    """When the pin ends by time (ms); None: not pinned."""
    hand_raised_at: int | None
    """When (ms) the hand was raised that pins."""
    why_now: WhyNow | None
    ids_evicted: int
    """Event ids evicted early: repeats of those events would count again."""

    @property
    def pinned(self) -> bool:
        """Whether an unanswered hand raise pins it to the top."""
        return self.pinned_until is not None


def pin(account: Account, at: int, policy: Policy) -> int | None:
    """The instant (ms) until which the account is pinned at `at` (ms); None when it is not."""
    until = account.pinned_until(policy.lists.pin)
    return until if until is not None and at < until else None


def take_snapshot(
    name: str,
    account: Account,
    at: int,
    policy: Policy,
    before: AccountSnapshot | None = None,
    score: Score | None = None,
) -> AccountSnapshot:
    """`account` at `at` (ms, not before `account.now`); its levels must have been rolled to `at`.

    `before` is an earlier one since when no signal was added: while the level is the same, so is its end, and to find
    that is most of the work. `score` is the one at `at`, for who knows it.
    """
    ends = (
        before.cools_at
        if before is not None and (before.level, before.since) == (account.level, account.since)
        else cools_at(account, at, policy)
    )
    return snapshot_of(name, account, score or evaluate(account, at, policy), ends, policy)


def snapshot_of(name: str, account: Account, score: Score, ends: int | None, policy: Policy) -> AccountSnapshot:
    """`account` at the instant of its `score`; `ends` is what `cools_at` says of it (ms)."""
    at = score.at
    states = [(kind, account.kinds[name]) for name, kind in policy.kinds.items() if name in account.kinds]
    evidence = {kind.kind: _shown(state.evidence, at, kind) for kind, state in states}
    until, raised = pin(account, at, policy), account.hand_raise
    pinned_by = raised if until is not None else None
    return AccountSnapshot(
        account=name,
        score=score,
        level=account.level,
        previous_level=account.previous_level,
        since=account.since,
        cools_at=ends,
        last_signal_at=account.last_signal_at,
        evidence=evidence,
        worth={kind.kind: strength(state, at, kind) for kind, state in states},
        people=people(account),
        personas_live=live_personas(account, at, policy),
        pinned_until=until,
        hand_raised_at=None if pinned_by is None else pinned_by.at,
        why_now=strongest_reason(evidence, None if pinned_by is None else pinned_by.evidence, at),
        ids_evicted=account.ids.evicted,
    )


def people(account: Account) -> tuple[PersonSeen, ...]:
    """The personas seen, newest first."""
    seen = (PersonSeen(persona, person.called, person.at) for persona, person in account.people.items())
    return tuple(sorted(seen, key=lambda one: (-one.at, one.persona)))


def _shown(evidence: Iterable[Evidence], at: int, kind: KindPolicy) -> tuple[ScoredEvidence, ...]:
    return tuple(ScoredEvidence(kind.kind, one, one.points(at, kind.half_life)) for one in evidence)
