"""The live engine as people ask about it: one account explained, out of what is stored. Changes nothing."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from heapq import nlargest
from typing import Any, Final, NamedTuple

import orjson

from signal_engine.core.alerting.plays import Play, next_step
from signal_engine.core.delivery.holdback import NO_CONTROL_GROUP, ControlGroup
from signal_engine.core.delivery.routes import HAND_RAISES
from signal_engine.core.fit.icp import Fit
from signal_engine.core.fit.ranking import ALL, not_listed
from signal_engine.core.fit.reasons import NoAlertReason, Recorded
from signal_engine.core.flow import ScoringContext, no_alert
from signal_engine.core.rules.aliases import Aliases
from signal_engine.core.rules.instants import BEGINNING, DAY
from signal_engine.core.rules.policy import REMEMBERED_IDS, Policy
from signal_engine.core.score.account import Account
from signal_engine.core.score.snapshot import take_snapshot
from signal_engine.engine.actions.inheriting import inherited, with_inherited
from signal_engine.engine.actions.overlay import Overlay, overlay_of, stored_with
from signal_engine.engine.context.active_policy import rules_of
from signal_engine.engine.context.engine_context import Rules
from signal_engine.engine.outcomes.of_accounts import outcomes_of
from signal_engine.engine.outcomes.told import told_outcomes
from signal_engine.engine.partition.account_cache import read
from signal_engine.engine.partition.history_records import day_and_score, signal_document
from signal_engine.engine.ports.controls import CONTROL_GROUP, FIT, SCORING, Controls, held_list, is_held_list
from signal_engine.engine.ports.history import DAYS_KEPT
from signal_engine.engine.ports.store import Loaded, Store
from signal_engine.engine.read_model.concealing import ShownAccount, shown
from signal_engine.engine.read_model.list_cache import is_stale, with_held
from signal_engine.engine.read_model.whose import EVERY_ALERT, AlertFilter
from signal_engine.wire.instants import format_instant, parse_instant
from signal_engine.wire.output.api_documents import AccountDocument, AccountNow, ListDocument
from signal_engine.wire.output.entries import control_group_days
from signal_engine.wire.output.explanations import explanation
from signal_engine.wire.output.models import Alert, ControlGroupShown
from signal_engine.wire.storage import outcomes as stored_outcomes
from signal_engine.wire.storage.in_force import FitInForce, IcpInForce, ScoringInForce, decode_group

_MANY: Final = 10**9
_TOLD_BEFORE: Final = frozenset({NoAlertReason.COOLDOWN, NoAlertReason.ALREADY_ALERTED, NoAlertReason.TRIGGER_RECENT})
"""Reasons by which somebody was told of the account: nobody was, of one that is held back."""
_READ_MORE: Final = 8
"""Times as many alerts are read when too few of them were wanted."""


class Agreed(NamedTuple):
    """What all accounts are explained by: read once, for as many as are asked for."""

    rules: Rules | None
    """None when nothing was ever computed."""
    icps: tuple[IcpInForce, ...]
    ranks: Mapping[str, Mapping[str, int]]
    """List -> account -> rank, as it was last published; every list there is."""
    complete_until: str | None
    """Of the list of all, as it was last published: RFC 3339; None when it never was."""
    control_group: ControlGroup = NO_CONTROL_GROUP
    """Whom lists and alerts leave out."""


@dataclass(frozen=True, slots=True)
class AccountView:
    """One generation. Every method may raise `StoreTrouble`."""

    store: Store
    controls: Controls
    partition_of: Callable[[str], int]
    plays: tuple[Play, ...] = ()
    """By which the next step is told."""

    async def served(self, name: str, *, administers: bool = False) -> ListDocument | None:
        """A list as it was last published, to who `administers` with who is held back; None when it never was.

        `name` may be anything that somebody asked for.
        """
        found = None if is_held_list(name) else await self.controls.served(name)
        if found is None:
            return None
        listed: ListDocument = orjson.loads(found)
        held = await self.held(name) if administers else None
        return listed if held is None else with_held(listed, held)

    async def held(self, name: str) -> bytes | None:
        """The entries that a control group keeps off a list, for administrators; None when there are none."""
        return await self.controls.served(held_list(name))

    async def control_group(self) -> ControlGroup:
        """Whom the lists leave out."""
        return decode_group(await self.controls.read(CONTROL_GROUP))

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
            await self.control_group(),
        )

    async def explain(
        self, name: str, now: int, agreed: Agreed | None = None, *, administers: bool = False
    ) -> AccountNow | None:
        """Account `name` at `now` (ms), as `explain` over files tells it; None when nothing was ever computed.

        Only who `administers` learns that it is in a control group, and sees its signals then.

        Whoever explains many brings what is `agreed`; else it is read, which takes a while: never in a request.
        """
        agreed = agreed or await self.agreed()
        if agreed.rules is None:
            return None
        context, group = agreed.rules.scoring_context, agreed.control_group
        account, fit = _read(name, await self.load(name))
        seen = shown(name, account, fit, now, context, group, administers=administers)
        return self._explained(name, now, seen, agreed.rules, agreed)

    def _explained(self, name: str, now: int, seen: ShownAccount, rules: Rules, agreed: Agreed) -> AccountNow:
        scoring_context, (account, fit, at, draw, _) = rules.scoring_context, seen
        held = None if draw is None else NoAlertReason.CONTROL_GROUP
        stands = take_snapshot(name, account, at, scoring_context.policy)
        lists = {}
        for listed, ranked in agreed.ranks.items():
            rank = ranked.get(name) if held is None and not seen.conceals else None
            reason = not_listed(
                fit,
                listed,
                stands.level,
                stands.score.score,
                rank or (_MANY if held is None else 1),
                scoring_context.policy,
                pinned=stands.pinned,
            )
            lists[listed] = (rank, None if rank is not None else reason or held)
        step = next_step(self.plays, stands, fit, scoring_context.policy)
        not_now = no_alert(account, at, fit, scoring_context)
        if held is not None and not_now in _TOLD_BEFORE:
            not_now = held
        marked: ControlGroupShown = {} if draw is None else {"control_group": control_group_days(draw)}
        return {
            **marked,
            "until": format_instant(at),
            "config_version": rules.config_version,
            "complete_until": agreed.complete_until,
            "stale": is_stale({"complete_until": agreed.complete_until, "stale": False}, now),
            **explanation(stands, fit, agreed.icps, lists, not_now, step),
        }

    async def state(
        self, name: str, now: int, policy: Policy, group: ControlGroup = NO_CONTROL_GROUP
    ) -> tuple[Account, Fit | None]:
        """What is stored of an account, taken to `now` (ms), with its fit; blank where it has no signals, or where the
        `group` holds it back."""
        account, fit = _read(name, await self.load(name))
        seen = shown(name, account, fit, now, ScoringContext(policy), group, administers=False)
        return seen.account, seen.fit

    async def load(self, name: str) -> Loaded:
        """What is stored of an account: as long as it is the same, so is what `account` tells, but for the time."""
        number = self.partition_of(name)
        over: Overlay = await overlay_of(self.store, [number], BEGINNING)  # first: what is applied then is loaded
        loaded = await self.store.load(number, [name])
        if loaded.fits[0] is not None:
            _, fit = _read(name, loaded._replace(states=[None]))
            over = with_inherited(over, await inherited(self.store, self.partition_of, {name: fit}, BEGINNING))
        return loaded if name not in over else loaded._replace(actions=[stored_with(loaded.actions[0], over[name])])

    async def outcomes(self, name: str, aliases: Aliases) -> bytes | None:
        """An account's outcomes as they are stored, those on its aliases among them; None where there are none."""
        found = await outcomes_of(self.store, self.partition_of, aliases, [name])
        return stored_outcomes.encode(found[name]) if name in found else None

    async def account(
        self,
        name: str,
        now: int,
        agreed: Agreed,
        loaded: Loaded,
        outcomes: bytes | None,
        *,
        administers: bool = False,
    ) -> AccountDocument | None:
        """As `explain`, with what is kept of the past; None also when nobody has heard of the account."""
        if agreed.rules is None or (loaded == NOTHING and outcomes is None):
            return None
        context, group = agreed.rules.scoring_context, agreed.control_group
        account, fit = _read(name, loaded)
        seen = shown(name, account, fit, now, context, group, administers=administers)
        today, account = now // DAY, seen.account
        days = range(today - DAYS_KEPT + 1, today + 1)
        kept = await self.store.history(self.partition_of(name), name, days)
        signals, scores = ((), {}) if seen.conceals else (kept.signals, kept.scores)
        if account.kinds:
            day, score = day_and_score(
                account, agreed.rules.scoring_context.policy
            )  # it has not ended: nobody wrote it down
            scores = {**scores, day: score}
        return {
            **self._explained(name, now, seen, agreed.rules, agreed),
            "alerts": [
                one
                for one in map(orjson.loads, kept.alerts)
                if administers or not withheld(one, name, agreed.control_group)
            ],
            "history": {
                "signals": [*map(signal_document, signals)],
                "scores": [{"day": _day(day), "score": scores[day]} for day in days if day in scores],
            },
            "outcomes": told_outcomes(stored_outcomes.decode(outcomes)),
        }

    async def feed(
        self,
        partitions: int,
        since: int,
        limit: int,
        wanted: AlertFilter = EVERY_ALERT,
        *,
        administers: bool = False,
    ) -> list[Alert]:
        """The newest `limit` wanted alerts dated `since` (ms) or later, newest first.

        Only who `administers` gets those of which nobody was told since the account was held back, as recorded.

        What is wanted is seen only in the alerts themselves, so more and more of them are read until it is enough.
        """
        read, group = limit, await self.control_group()
        while True:
            kept = [one for number in range(partitions) for one in await self.store.feed(number, since, read)]
            newest = nlargest(read, kept, key=lambda one: (one.at, one.record))
            found = []
            for one in newest:
                alert: Alert = orjson.loads(one.record)
                if not wanted.accepts(alert):
                    continue
                if not withheld(alert, alert["account_id"], group):
                    found.append(alert)
                elif administers:
                    found.append(not_told(alert))
            if len(found) >= limit or len(newest) < read:
                return found[:limit]
            read *= _READ_MORE


def withheld(alert: Mapping[str, Any], account: str, group: ControlGroup) -> bool:
    """Whether nobody was told of an alert since its account was held back then, by the day of the alert.

    Past alerts of an account do not say whether it was pinned: those are withheld rather than told too much.
    """
    pinned = alert["type"] in HAND_RAISES or alert.get("pinned", False)
    return group.holds(account, parse_instant(alert["at"]), pinned=pinned) is not None


def not_told(alert: Alert) -> Alert:
    """An alert of which nobody was told since its account was held back, as administrators get it."""
    return alert if alert.get("recorded") else {**alert, "recorded": Recorded.CONTROL_GROUP}


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
