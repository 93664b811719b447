"""What a new fit table would change: who enters, who leaves, why, how many alerts that raises. Changes nothing."""

from dataclasses import dataclass, field
from typing import Final, Literal, NamedTuple

from signal_engine.core.alerting.alerts import AlertType
from signal_engine.core.fit.acted import acted_on, actions_of, fit_at
from signal_engine.core.fit.icp import Fit, FitDecision
from signal_engine.core.fit.ranking import Candidate, candidate, listed_by, order
from signal_engine.core.flow import ScoringContext, decide, pass_time
from signal_engine.core.score.stack import evaluate
from signal_engine.engine.fit.versions import FitVersions, NewTable
from signal_engine.engine.partition.account_cache import CachedAccount, lists_of
from signal_engine.engine.publishing.top_n import Top
from signal_engine.wire.storage import fit_rows

_What = Literal["enters", "leaves", "tier"]
_ENTERS: Final = "enters"
LEAVES: Final = "leaves"
_TIER: Final = "tier"


class Change(NamedTuple):
    """One account that enters or leaves those who are chased, or changes its tier."""

    account: str
    what: _What
    before: FitDecision | None
    """Of its primary ICP."""
    after: FitDecision | None
    why: str
    """The reasons of the new decision."""


class ListChange(NamedTuple):
    """Who comes onto a list and who goes, also for want of room."""

    enter: list[str]
    """Best first."""
    leave: list[str]


@dataclass(slots=True)
class Plan:
    """What a load would do."""

    version: int
    """The version that the load would create."""
    accounts: int
    chased: int = 0
    """How many are chased by the version in force."""
    rows_changed: int = 0
    changes: list[Change] = field(default_factory=list)
    """By account."""
    alerts: dict[AlertType, int] = field(default_factory=dict)
    """Type -> how many the new decisions raise at once."""
    lists: dict[str, ListChange] = field(default_factory=dict)

    @property
    def leaving(self) -> int:
        """How many of those that are chased would not be any more."""
        return sum(change.what == LEAVES for change in self.changes)


class _Differing(NamedTuple):
    """An account whose row differs."""

    account: str
    before: Fit | None
    after: Fit | None

    def described(self) -> Change | None:
        """None if only what the row carries changes."""
        was, will = (fit is not None and fit.unchased is None for fit in (self.before, self.after))
        tiers = {fit.primary.tier for fit in (self.before, self.after) if fit is not None and will}
        if was == will and len(tiers) <= 1:
            return None
        what: _What = _TIER if was == will else _ENTERS if will else LEAVES
        before, after = (None if fit is None else fit.primary for fit in (self.before, self.after))
        return Change(self.account, what, before, after, self._why())

    def _why(self) -> str:
        if self.after is None:
            return "no longer in the accounts file"
        return "; ".join(["suppressed"] * self.after.suppressed + [*self.after.primary.reasons])


async def plan(tables: FitVersions, table: NewTable, scoring_context: ScoringContext, now: int) -> Plan:
    """What loading `table` would do at `now` (ms). Raises `StoreTrouble`.

    One partition after the other: memory holds the rows of one, and of the others who enters, leaves or is alive.
    """
    in_force = await tables.in_force()
    planned = Plan((in_force.version if in_force else 0) + 1, table.accounts)
    ranks = _NewRanks(scoring_context, now)
    for number in range(tables.partitions):
        rows = table.rows(number)
        differ = await tables.differing(number, rows)
        different = {one.account for one in differ}
        same = (fit_rows.decode(row) for account, row in rows.items() if account not in different)
        planned.chased += sum(fit.unchased is None for fit in same)
        planned.rows_changed += len(differ)
        known = await tables.known([one.account for one in differ])
        for account, before, after in differ:
            one = _Differing(account, _fit(before), _fit(after))
            planned.chased += one.before is not None and one.before.unchased is None
            if (change := one.described()) is not None:
                planned.changes.append(change)
            ranks.note(one, known.get(account))  # before time is passed below
            _count_alert(planned.alerts, one, known.get(account), scoring_context, now)
    planned.changes.sort(key=lambda change: change.account)
    planned.lists = await ranks.changes(tables)
    return planned


def _fit(row: bytes | None) -> Fit | None:
    return None if row is None else fit_rows.decode(row)


def _count_alert(
    raised: dict[AlertType, int],
    change: _Differing,
    one: CachedAccount | None,
    scoring_context: ScoringContext,
    now: int,
) -> None:
    """Decides an account that is alive as its partition will."""
    if one is None:
        return
    account, name = one.account, change.account
    then = max(now, account.now)
    pass_time(account, name, then, _acted(one, name, change.before), scoring_context)
    alert, _ = decide(account, name, then, _acted(one, name, change.after), scoring_context)
    if alert is not None:
        raised[alert.decision.type] = raised.get(alert.decision.type, 0) + 1


class _NewRanks:
    """The places that changed accounts would have. An account without state has none."""

    def __init__(self, scoring_context: ScoringContext, now: int) -> None:
        self._scoring_context = scoring_context
        self._now = now
        self._candidates: dict[str, list[Candidate]] = {}
        """List -> those of changed accounts."""
        self._changed: set[str] = set()

    def note(self, change: _Differing, one: CachedAccount | None) -> None:
        """Takes the places of an account."""
        for name in {*lists_of(change.before), *lists_of(change.after)}:
            places = self._candidates.setdefault(name, [])
            if one is not None:
                self._changed.add(change.account)
                place = _candidate(change, name, one, self._scoring_context, self._now)
                places += [] if place is None else [place]

    async def changes(self, tables: FitVersions) -> dict[str, ListChange]:
        """Ranks every list with and without the changes, as its publication will."""
        size = self._scoring_context.policy.lists.size
        top, by_list = Top(tables.store), dict[str, ListChange]()
        for name in sorted(self._candidates):
            most = size + len(self._changed)
            places = await top.of(name, range(tables.partitions), self._now, self._scoring_context, most)
            before = [place.ordered.candidate for place in places]
            after = [one for one in before if one.account not in self._changed] + self._candidates[name]
            old, new = ([one.candidate.account for one in order(ranked, size)[:size]] for ranked in (before, after))
            by_list[name] = ListChange([a for a in new if a not in set(old)], [a for a in old if a not in set(new)])
        return by_list


def _candidate(
    change: _Differing, name: str, one: CachedAccount, scoring_context: ScoringContext, now: int
) -> Candidate | None:
    """The account's place on a list by its new fit."""
    account = one.account
    then = max(now, account.now)
    pass_time(account, change.account, then, None, scoring_context)  # levels only
    score = evaluate(account, then, scoring_context.policy)
    fit = fit_at(_acted(one, change.account, change.after), then)
    return candidate(change.account, account, score, listed_by(fit, name), fit, scoring_context.policy)


def _acted(one: CachedAccount, name: str, by_rule: Fit | None) -> Fit | None:
    """A fit of account `name` as the actions in force leave it."""
    return acted_on(name, by_rule, actions_of(one.fit))
