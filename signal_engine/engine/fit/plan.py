"""What a new fit table would change: who enters, who leaves, why, how many alerts that raises. Changes nothing."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal, NamedTuple

from signal_engine.core.alerting.alerts import AlertType
from signal_engine.core.fit.acted import acted_on, actions_of, fit_at
from signal_engine.core.fit.icp import Fit
from signal_engine.core.fit.ranking import Candidate, candidate, listed_by, order
from signal_engine.core.flow import ScoringContext, decide, pass_time
from signal_engine.core.score.account import Account
from signal_engine.core.score.stack import evaluate
from signal_engine.engine.fit.versions import FitVersions, Rows
from signal_engine.engine.partition.account_cache import CachedAccount, lists_of
from signal_engine.engine.publishing.top_n import Top

_What = Literal["enters", "leaves", "tier"]
_ENTERS: Final = "enters"
LEAVES: Final = "leaves"
_TIER: Final = "tier"


class Change(NamedTuple):
    """One account whose row differs."""

    account: str
    before: Fit | None
    after: Fit | None

    @property
    def what(self) -> _What | None:
        """`enters` or `leaves` those who are chased, `tier`, or None: only what the row carries changes."""
        was, will = (fit is not None and fit.unchased is None for fit in (self.before, self.after))
        if was != will:
            return _ENTERS if will else LEAVES
        tiers = {fit.primary.tier for fit in (self.before, self.after) if fit is not None and will}
        return _TIER if len(tiers) > 1 else None

    @property
    def why(self) -> str:
        """The reasons of the new decision."""
        if self.after is None:
            return "no longer in the accounts file"
        return "; ".join(["suppressed"] * self.after.suppressed + [*self.after.primary.reasons])


class ListChange(NamedTuple):
    """Who comes onto a list and who goes, also for want of room."""

    enter: list[str]
    """Best first."""
    leave: list[str]


@dataclass(frozen=True, slots=True)
class Plan:
    """What a load would do."""

    version: int
    """The one that it would be."""
    accounts: int
    chased: int
    """How many are chased by the version in force."""
    rows: Rows
    changes: list[Change]
    """By account; also those of whom only carried fields change."""
    alerts: dict[AlertType, int] = field(default_factory=dict)
    """Type -> how many the new decisions raise at once."""
    lists: dict[str, ListChange] = field(default_factory=dict)

    @property
    def leaving(self) -> int:
        """How many of those that are chased would not be any more."""
        return sum(change.what == LEAVES for change in self.changes)


async def plan(tables: FitVersions, table: Mapping[str, Fit], scoring_context: ScoringContext, now: int) -> Plan:
    """What loading `table` would do at `now` (ms). Raises `StoreTrouble`."""
    in_force = await tables.in_force()
    rows, before = await tables.differing(table)
    changes = [Change(account, old, table.get(account)) for account, old in sorted(before.items())]
    known = await tables.known([change.account for change in changes])
    lists = await _list_changes(tables, changes, known, scoring_context, now)  # before time is passed below
    alerts = _alerts(changes, known, scoring_context, now)
    same = (fit for account, fit in table.items() if account not in before)
    chased = sum(fit is not None and fit.unchased is None for fit in (*same, *before.values()))
    return Plan((in_force.version if in_force else 0) + 1, len(table), chased, rows, changes, alerts, lists)


def _alerts(
    changes: list[Change], known: Mapping[str, CachedAccount], scoring_context: ScoringContext, now: int
) -> dict[AlertType, int]:
    """Decides those who are alive as their partitions will."""
    raised: dict[AlertType, int] = {}
    for change in changes:
        if (one := known.get(change.account)) is not None:
            account = one.account
            then = max(now, account.now)
            pass_time(account, change.account, then, _acted(one, change.account, change.before), scoring_context)
            alert, _ = decide(account, change.account, then, _acted(one, change.account, change.after), scoring_context)
            if alert is not None:
                raised[alert.decision.type] = raised.get(alert.decision.type, 0) + 1
    return raised


async def _list_changes(
    tables: FitVersions,
    changes: list[Change],
    known: Mapping[str, CachedAccount],
    scoring_context: ScoringContext,
    now: int,
) -> dict[str, ListChange]:
    """Ranks every list with and without the changes, as its publication will."""
    size = scoring_context.policy.lists.size
    names = {name for change in changes for fit in (change.before, change.after) for name in lists_of(fit)}
    changed = {change.account for change in changes}
    top = Top(tables.store)
    by_list = {}
    for name in sorted(names):
        places = await top.of(name, range(tables.partitions), now, scoring_context, size + len(changed))
        before = [place.ordered.candidate for place in places]
        after = [one for one in before if one.account not in changed]
        after += [
            one for change in changes if (one := _candidate(change, name, known, scoring_context, now)) is not None
        ]
        old, new = ([one.candidate.account for one in order(ranked, size)[:size]] for ranked in (before, after))
        by_list[name] = ListChange(
            [account for account in new if account not in set(old)], [a for a in old if a not in set(new)]
        )
    return by_list


def _candidate(
    change: Change, name: str, known: Mapping[str, CachedAccount], scoring_context: ScoringContext, now: int
) -> Candidate | None:
    """The account's place on a list by its new fit."""
    one = known.get(change.account) or CachedAccount(Account(), None)
    account = one.account
    then = max(now, account.now)
    pass_time(account, change.account, then, None, scoring_context)  # levels only
    score = evaluate(account, then, scoring_context.policy)
    fit = fit_at(_acted(one, change.account, change.after), then)
    return candidate(change.account, account, score, listed_by(fit, name), fit, scoring_context.policy)


def _acted(one: CachedAccount, name: str, by_rule: Fit | None) -> Fit | None:
    """A fit of account `name` as the actions in force leave it."""
    return acted_on(name, by_rule, actions_of(one.fit))
