"""The live engine as people ask about it: one account explained, out of what is stored. Changes nothing."""

from collections.abc import Callable
from dataclasses import dataclass
from heapq import nlargest
from typing import Any, Final

import orjson

from signal_engine.core.account import Account
from signal_engine.core.fit import Fit
from signal_engine.core.flow import Judge, no_alert, pass_time
from signal_engine.core.instants import DAY
from signal_engine.core.ranking import ALL, not_listed
from signal_engine.core.standing import standing
from signal_engine.engine.controls import FIT, SCORING, Controls
from signal_engine.engine.history import DAYS_KEPT
from signal_engine.engine.step_store import StepStore
from signal_engine.engine.told_history import day_and_score, told_signal
from signal_engine.wire import fit_rows, scoring_file, state
from signal_engine.wire.explanations import explanation
from signal_engine.wire.in_force import FitInForce, ScoringInForce
from signal_engine.wire.instants import format_instant

_MANY: Final = 10**9


@dataclass(frozen=True, slots=True)
class LiveView:
    """One generation. Every method may raise `StoreTrouble`."""

    store: StepStore
    controls: Controls
    partition_of: Callable[[str], int]

    async def served(self, name: str) -> dict[str, Any] | None:
        """A list as it was last published; None when it never was."""
        found = await self.controls.served(name)
        return None if found is None else orjson.loads(found)

    async def list_names(self) -> list[str]:
        """The lists there are by the fit table in force."""
        stored = await self.controls.read(FIT)
        return [ALL] if stored is None else [ALL, *(icp.icp for icp in FitInForce.decode(stored).icps)]

    async def explain(self, name: str, now: int) -> dict[str, Any] | None:
        """Account `name` at `now` (ms), as `explain` over files tells it; None when nothing was ever computed."""
        if (rules := await self._rules()) is None:
            return None
        in_force, judge = rules
        fit_document = await self.controls.read(FIT)
        icps = FitInForce.decode(fit_document).icps if fit_document else ()
        account, fit = await self._load(name)
        at = max(now, account.now)
        pass_time(account, name, at, fit, judge)  # what is due is told by the account's timer
        stands = standing(name, account, at, judge.policy)
        lists = {}
        for listed in [ALL, *(icp.icp for icp in icps)]:
            rank = await self._rank(listed, name)
            reason = not_listed(
                fit, listed, stands.level, stands.score.score, rank or _MANY, judge.policy, pinned=stands.pinned
            )
            lists[listed] = (rank, None if rank is not None else reason)
        not_now = no_alert(account, at, fit, judge)
        return {
            "until": format_instant(at),
            "config_version": in_force.config_version,
            **explanation(stands, fit, icps, lists, not_now),
        }

    async def account(self, name: str, now: int) -> dict[str, Any] | None:
        """As `explain`, with what is kept of the past; None also when nobody has heard of the account."""
        told, rules = await self.explain(name, now), await self._rules()
        if told is None or rules is None:
            return None
        (stored,), (row,) = await self.store.load(self.partition_of(name), [name])
        if stored is None and row is None:
            return None
        today = now // DAY
        days = range(today - DAYS_KEPT + 1, today + 1)
        kept = await self.store.history(self.partition_of(name), name, days)
        scores = kept.scores
        if stored is not None and (account := state.decode(stored)).kinds:
            day, score = day_and_score(account, rules[1].policy)  # this day has not ended: nobody has written it down
            scores = {**scores, day: score}
        return {
            **told,
            "alerts": [*map(orjson.loads, kept.alerts)],
            "history": {
                "signals": [*map(told_signal, kept.signals)],
                "scores": [{"day": _day(day), "score": scores[day]} for day in days if day in scores],
            },
        }

    async def feed(self, partitions: int, since: int, limit: int) -> list[dict[str, Any]]:
        """The newest `limit` alerts dated `since` (ms) or later, newest first."""
        found = [one for number in range(partitions) for one in await self.store.feed(number, since, limit)]
        return [orjson.loads(one.alert) for one in nlargest(limit, found, key=lambda one: (one.at, one.alert))]

    async def _rules(self) -> tuple[ScoringInForce, Judge] | None:
        scoring = await self.controls.read(SCORING)
        if scoring is None:
            return None
        in_force = ScoringInForce.decode(scoring)
        return in_force, Judge(scoring_file.parse(in_force.name, in_force.text.encode()).policy)

    async def _load(self, name: str) -> tuple[Account, Fit | None]:
        loaded = await self.store.load(self.partition_of(name), [name])
        (stored,), (row,) = loaded
        account = Account() if stored is None else state.decode(stored)
        return account, None if row is None else fit_rows.decode(row)

    async def _rank(self, listed: str, name: str) -> int | None:
        """The rank on the list as it was last published."""
        served = await self.served(listed)
        entries = served["entries"] if served else []
        return next((entry["rank"] for entry in entries if entry["account_id"] == name), None)


def _day(day: int) -> str:
    """`2026-03-05`."""
    return format_instant(day * DAY)[:10]
