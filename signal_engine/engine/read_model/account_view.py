"""The live engine as people ask about it: one account explained, out of what is stored. Changes nothing."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from heapq import nlargest
from typing import Final, NamedTuple

import orjson

from signal_engine.core.fit.acted import fit_at
from signal_engine.core.fit.icp import Fit
from signal_engine.core.fit.ranking import ALL, not_listed
from signal_engine.core.flow import ScoringContext, no_alert, pass_time
from signal_engine.core.rules.instants import BEGINNING, DAY
from signal_engine.core.rules.policy import REMEMBERED_IDS, Policy
from signal_engine.core.score.account import Account
from signal_engine.core.score.snapshot import take_snapshot
from signal_engine.engine.actions.overlay import overlay_of, stored_with
from signal_engine.engine.context.active_policy import rules_of
from signal_engine.engine.context.engine_context import Rules
from signal_engine.engine.partition.account_cache import read
from signal_engine.engine.partition.history_records import day_and_score, signal_document
from signal_engine.engine.ports.controls import FIT, SCORING, Controls
from signal_engine.engine.ports.history import DAYS_KEPT
from signal_engine.engine.ports.store import Loaded, Store
from signal_engine.engine.read_model.list_cache import is_stale
from signal_engine.wire.instants import format_instant
from signal_engine.wire.output.api_documents import AccountDocument, AccountNow, ListDocument
from signal_engine.wire.output.explanations import explanation
from signal_engine.wire.output.models import Alert
from signal_engine.wire.storage.in_force import FitInForce, IcpInForce, ScoringInForce

_MANY: Final = 10**9


class Agreed(NamedTuple):
    """What all accounts are explained by: read once, for as many as are asked for."""

    rules: Rules | None
    """None when nothing was ever computed."""
    icps: tuple[IcpInForce, ...]
    ranks: Mapping[str, Mapping[str, int]]
    """List -> account -> rank, as it was last published; every list there is."""
    complete_until: str | None
    """Of the list of all, as it was last published: RFC 3339; None when it never was."""


@dataclass(frozen=True, slots=True)
class AccountView:
    """One generation. Every method may raise `StoreTrouble`."""

    store: Store
    controls: Controls
    partition_of: Callable[[str], int]

    async def served(self, name: str) -> ListDocument | None:
        """A list as it was last published; None when it never was."""
        found = await self.controls.served(name)
        return None if found is None else orjson.loads(found)

    async def list_names(self) -> list[str]:
        """The lists there are by the fit table in force."""
        stored = await self.controls.read(FIT)
        return [ALL] if stored is None else [ALL, *(icp.icp for icp in FitInForce.decode(stored).icps)]

    async def agreed(self) -> Agreed:
        """What is in force now. Raises `ConfigurationError` for a scoring file that this version cannot read."""
        scoring, fit = await self.controls.read(SCORING), await self.controls.read(FIT)
        icps = FitInForce.decode(fit).icps if fit else ()
        lists = {name: await self.served(name) for name in (ALL, *(icp.icp for icp in icps))}
        everybody = lists[ALL]
        return Agreed(
            None if scoring is None else rules_by(scoring),
            icps,
            {name: _ranks_of(listed) for name, listed in lists.items()},
            everybody["complete_until"] if everybody else None,
        )

    async def explain(self, name: str, now: int, agreed: Agreed | None = None) -> AccountNow | None:
        """Account `name` at `now` (ms), as `explain` over files tells it; None when nothing was ever computed.

        Whoever explains many brings what is `agreed`; else it is read, which takes a while: never in a request.
        """
        agreed = agreed or await self.agreed()
        if agreed.rules is None:
            return None
        account, fit = _read(name, await self.load(name))
        return self._explained(name, now, account, fit, agreed.rules, agreed)

    def _explained(
        self, name: str, now: int, account: Account, fit: Fit | None, rules: Rules, agreed: Agreed
    ) -> AccountNow:
        scoring_context = rules.scoring_context
        at = max(now, account.now)
        pass_time(account, name, at, fit, scoring_context)  # alerts that are due come from the timer
        fit = fit_at(fit, at)
        stands = take_snapshot(name, account, at, scoring_context.policy)
        lists = {}
        for listed, ranked in agreed.ranks.items():
            rank = ranked.get(name)
            reason = not_listed(
                fit,
                listed,
                stands.level,
                stands.score.score,
                rank or _MANY,
                scoring_context.policy,
                pinned=stands.pinned,
            )
            lists[listed] = (rank, None if rank is not None else reason)
        not_now = no_alert(account, at, fit, scoring_context)
        return {
            "until": format_instant(at),
            "config_version": rules.config_version,
            "complete_until": agreed.complete_until,
            "stale": is_stale({"complete_until": agreed.complete_until, "stale": False}, now),
            **explanation(stands, fit, agreed.icps, lists, not_now),
        }

    async def state(self, name: str, now: int, policy: Policy) -> tuple[Account, Fit | None]:
        """What is stored of an account, taken to `now` (ms), with its fit; blank where it has no signals."""
        account, fit = _read(name, await self.load(name))
        pass_time(account, name, max(now, account.now), fit, ScoringContext(policy))
        return account, fit_at(fit, account.now)

    async def load(self, name: str) -> Loaded:
        """What is stored of an account: as long as it is the same, so is what `account` tells, but for the time."""
        number = self.partition_of(name)
        loaded = await self.store.load(number, [name])
        over = (await overlay_of(self.store, [number], BEGINNING)).get(name)
        return loaded if over is None else loaded._replace(actions=[stored_with(loaded.actions[0], over)])

    async def account(self, name: str, now: int, agreed: Agreed, loaded: Loaded) -> AccountDocument | None:
        """As `explain`, with what is kept of the past; None also when nobody has heard of the account."""
        if agreed.rules is None or loaded == NOTHING:
            return None
        account, fit = _read(name, loaded)
        today = now // DAY
        days = range(today - DAYS_KEPT + 1, today + 1)
        kept = await self.store.history(self.partition_of(name), name, days)
        scores = kept.scores
        if account.kinds:
            day, score = day_and_score(
                account, agreed.rules.scoring_context.policy
            )  # it has not ended: nobody wrote it down
            scores = {**scores, day: score}
        return {
            **self._explained(name, now, account, fit, agreed.rules, agreed),
            "alerts": [*map(orjson.loads, kept.alerts)],
            "history": {
                "signals": [*map(signal_document, kept.signals)],
                "scores": [{"day": _day(day), "score": scores[day]} for day in days if day in scores],
            },
        }

    async def feed(self, partitions: int, since: int, limit: int) -> list[Alert]:
        """The newest `limit` alerts dated `since` (ms) or later, newest first."""
        found = [one for number in range(partitions) for one in await self.store.feed(number, since, limit)]
        return [orjson.loads(one.alert) for one in nlargest(limit, found, key=lambda one: (one.at, one.alert))]


NOTHING: Final = Loaded([None], [None], [None])
"""What is stored of an account of which nobody has heard."""


def _read(name: str, loaded: Loaded) -> tuple[Account, Fit | None]:
    (stored,), (row,), (actions,) = loaded
    known = read(stored, row, actions, name)
    return known.account, known.fit


@lru_cache(maxsize=2)  # it takes a tenth of a second, and changes a few times a year
def rules_by(scoring: bytes) -> Rules:
    """The rules of the document `SCORING`. Raises `ConfigurationError`."""
    return rules_of(ScoringInForce.decode(scoring), REMEMBERED_IDS)


def _ranks_of(listed: ListDocument | None) -> dict[str, int]:
    """Account -> rank on a list; nobody is on one that was never published."""
    return {entry["account_id"]: entry["rank"] for entry in listed["entries"]} if listed else {}


@lru_cache(maxsize=2 * DAYS_KEPT)
def _day(day: int) -> str:
    """`2026-03-05`."""
    return format_instant(day * DAY)[:10]
