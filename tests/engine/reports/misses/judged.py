"""A market that was judged by a replay, as reports read it."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from signal_engine.core.actions.action import AccountAction, ActionName
from signal_engine.core.fit.icp import Icp
from signal_engine.core.flow import ScoringContext
from signal_engine.core.rules.events import Event
from signal_engine.engine.backtest.actions import ReplayedActions, TimedAction
from signal_engine.engine.backtest.arrivals import Arrival, Block
from signal_engine.engine.backtest.replay import Replay
from signal_engine.engine.reports.misses.watcher import Watcher
from signal_engine.engine.reports.replayed_market import ReportMarket
from signal_engine.wire.config import scoring_file
from signal_engine.wire.outcomes.record import AccountOutcome
from tests.build import DAY, T0, icp
from tests.engine.reports.market import table

SHIPPED = scoring_file.parse("scoring.yaml", Path("config/scoring.yaml").read_bytes())
PROFILE = icp(
    must_have={"size": {"gte": 200}, "industry": {"in": ["Software"]}},
    disqualify=(({"country": "NO"}, "too far"),),
    base=50,
    points=(({"crm": "sf"}, 20, "runs a CRM"),),
    tiers={"A": 60, "C": 45},
    decisions={"A": "chase", "C": "deprioritize"},
)
FITTING = {"size": 300, "industry": "Software", "crm": "sf"}


def happened(account: str, kind: str, ago: float, backfill: bool = False, **fields: Any) -> Event:
    """An event `ago` days before T0."""
    at = T0 - round(ago * DAY)
    return Event(account, kind, f"{account}-{kind}-{ago}-{sorted(fields.items())}", at, 1.0, fields, backfill)


def asked(account: str, ago: float, persona: str = "CFO", **more: Any) -> Event:
    return happened(account, "engagement", ago, activity="demo_request", persona=persona, **more)


def warm(account: str) -> list[Event]:
    """Enough for `warm`, with no hand raise."""
    return [
        *(happened(account, "engagement", ago, activity="pricing_view", persona="CFO") for ago in (1, 2, 3)),
        happened(account, "intent", 1.5, topic="crm", score=90),
    ]


def did(account: str, action: ActionName, ago: float, by: str = "sam@example.com", **more: Any) -> AccountAction:
    """What somebody decided `ago` days before T0."""
    action_id = str(uuid5(NAMESPACE_URL, f"{account} {action} {ago} {by}"))
    return AccountAction(account, action_id, action, T0 - round(ago * DAY), by, "cli", **more)


def market(
    rows: Sequence[dict[str, Any]],
    events: Sequence[Event],
    icps: Sequence[Icp] = (PROFILE,),
    actions: Sequence[AccountAction] = (),
    outcomes: Sequence[AccountOutcome] = (),
) -> ReportMarket:
    """At T0, after these events and actions, which were recorded when people acted."""
    accounts, watcher = table(icps, *rows), Watcher(SHIPPED.policy)
    names = [one.icp for one in icps]
    acted = ReplayedActions(accounts.fits, [TimedAction(one.at, line, one) for line, one in enumerate(actions)])
    replay = Replay(ScoringContext(SHIPPED.policy), accounts.fits, names, lambda _: None, watch=watcher, actions=acted)
    arrivals = sorted(Arrival(one.occurred_at, one.event_id, 0, line, one) for line, one in enumerate(events))
    replay.take(Block(arrivals, T0), T0)
    replay.end(T0)
    return ReportMarket(T0, SHIPPED.config_version, SHIPPED.policy, icps, accounts, replay, watcher, outcomes=outcomes)
