"""The whole report: from a replayed past to the document of `validate`."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

from signal_engine.core.delivery.routes import Routing
from signal_engine.core.fit.icp import Fit, Icp
from signal_engine.core.rules.policy import Policy
from signal_engine.engine.backtest.actions import TimedAction
from signal_engine.engine.outcomes.opportunities import LOST, OPEN, WON
from signal_engine.engine.validation.calls import (
    Calls,
    alert_calls,
    better_than_chance,
    lift_over_any,
    lift_over_tier,
    still_at_risk,
    weekly_calls,
)
from signal_engine.engine.validation.caveats import CaveatFacts, caveats, traces
from signal_engine.engine.validation.controls import matched
from signal_engine.engine.validation.curves import calibration, score_paths
from signal_engine.engine.validation.cutting import Cut
from signal_engine.engine.validation.deals import Deal, by_account, free_since
from signal_engine.engine.validation.deals_seen import SeenDeal, effect_of_accounts_with, lead_time, seen_deals
from signal_engine.engine.validation.documents import calls_found, estimate, named_deal, rate
from signal_engine.engine.validation.grouping import groups as grouping
from signal_engine.engine.validation.kinds import ENOUGH_WINS, SHARE_OF_ERROR, exposures, kinds_found, live_of
from signal_engine.engine.validation.known_then import KnownThen
from signal_engine.engine.validation.mondays import Called, Mondays
from signal_engine.engine.validation.panel import Panel, cycles, panel
from signal_engine.engine.validation.statistics.claims import FAMILY_ERROR, holm
from signal_engine.engine.validation.telling.arms import Aftermath, arms
from signal_engine.engine.validation.telling.effect import control_groups
from signal_engine.engine.validation.verdict import HEADLINE, Wins, judged
from signal_engine.wire.instants import format_instant
from signal_engine.wire.output.reports.validation_documents import (
    CallsFound,
    LeadTime,
    LookAt,
    RateFound,
    RecallFound,
    StalledStage,
    Validation,
)

_SIZES: Final = (0.25, 0.5, 1.0, 2.0, 4.0)
"""K of the curve, as multiples of the capacity."""


class Replayed(NamedTuple):
    """A past, replayed, and what became of it."""

    mondays: Mondays
    hot: Mapping[str, Sequence[int]]
    alerts: Sequence[Called]
    cut: Cut
    known: KnownThen
    deals: Sequence[Deal]
    icps: Sequence[Icp]
    policy: Policy
    config_version: str
    end: int
    """Up to here outcomes are known (ms)."""
    actions: Sequence[TimedAction] | None = None


def validation(seen: Replayed, at: LookAt, capacity: int, seed: int, routing: Routing | None = None) -> Validation:
    """Whether scores predict: by the first `capacity` places of each Monday's list, or by alerts.

    `routing` says who was held back when, and so what telling does.
    `seen` must hold one Monday at least.
    """
    of_account = by_account(seen.deals)
    market = panel(seen.mondays, seen.known.fits, of_account, seen.icps, seen.end)
    since = int(market.at[0])
    deals = [deal for deal in seen.deals if since < deal.cut <= seen.end]
    won = [deal for deal in deals if deal.result == WON]
    listed = weekly_calls(market, capacity)
    alerted = alert_calls(market, seen.alerts)
    calls = listed if at == "mondays" else alerted
    tiers = _tier_ranks(market, seen.policy)
    found = _calls(market, calls, capacity if at == "mondays" else None, capacity, tiers, seed)
    cases = matched(market, won, seed)
    leaking = live_of(traces(seen.cut.of_deals))
    untraced = market.without(leaking)
    if at == "mondays":
        sound = still_at_risk(untraced, calls)
    else:
        sound = alert_calls(untraced, [alert for alert in seen.alerts if leaking.isdisjoint(alert.live)])
    judged_by = _calls(untraced, sound, found["k"], capacity, tiers, seed) if leaking else found
    kinds = exposures(market, cases, seed)
    p_values = {f"kind/{one.kind}": one.exposure.p_value for one in kinds if one.kind not in leaking}
    if judged_by["chance"] is not None:
        p_values[HEADLINE] = better_than_chance(untraced, sound, seed)
    ranked = len(cases.case) >= ENOUGH_WINS
    claimed = holm(p_values, SHARE_OF_ERROR) if ranked else frozenset[str]()
    groups = grouping.by_account(market, calls, seed, FAMILY_ERROR - SHARE_OF_ERROR if ranked else 0.0)
    verdict = judged(Wins(len(won), len(cases.case)), judged_by, kinds, claimed, leaking)
    looked_at = seen_deals(market, deals, seen.hot, seen.known, seen.policy, capacity, free_since(seen.deals))
    days = cycles(seen.icps)
    compared = [] if routing is None else arms(routing, seen.alerts, _aftermath(market, seen))
    results = Counter(deal.result for deal in deals)
    return {
        "verdict": verdict.verdict,
        "summary": verdict.summary,
        "more_wins": verdict.more_wins,
        "at": at,
        "config_version": seen.config_version,
        "study": {
            "since": format_instant(since + 1),
            "until": format_instant(seen.end),
            "mondays": len(market.at),
            "accounts": len(seen.known.fits),
            "accounts_that_fit": len(market.accounts),
            "deals": len(deals),
            "won": results[WON],
            "lost": results[LOST],
            "open": results[OPEN],
            "cycle_days": days,
            "cases": len(cases.case),
            "seed": seed,
        },
        "cut": {
            "kept": seen.cut.kept,
            "in_deal": seen.cut.dropped["in_deal"],
            "mail": seen.cut.dropped["mail"],
            "sales_source": seen.cut.dropped["sales_source"],
            "after_contact": seen.cut.dropped["after_contact"],
        },
        "caveats": caveats(
            CaveatFacts(
                market,
                calls,
                deals,
                seen.cut,
                seen.known,
                [icp.icp for icp in seen.icps if icp.cycle_days is None],
                seen.cut.first or since,
                seen.end,
                seen.actions is not None,
                compared,
            )
        ),
        "calls": found,
        "precision": _curve(market, capacity, tiers, seed),
        "recall": _recall(looked_at, seen.known.fits),
        "lead_time": _lead_time(looked_at, seed),
        "calibration": calibration(market, seed),
        "paths": score_paths(market, won, [deal for deal in deals if deal.result == LOST], cases),
        "kinds": kinds_found(kinds, claimed, leaking, ranked=ranked),
        "ranked": ranked,
        "groups": {
            **groups,
            "claimed": [] if seen.actions is None else grouping.by_claim(market, calls, seen.actions, of_account),
            "alert": grouping.by_alert(market, seen.alerts),
        },
        "stalled": _stalled(deals),
        "control_groups": None if routing is None else control_groups(compared, acted=seen.actions is not None),
    }


def _aftermath(market: Panel, seen: Replayed) -> Aftermath:
    cycle = dict(zip(market.accounts, market.cycle.tolist(), strict=True))
    return Aftermath(by_account(seen.deals), cycle, seen.end, seen.actions or ())


def _calls(market: Panel, calls: Calls, k: int | None, capacity: int, tiers: Sequence[int], seed: int) -> CallsFound:
    over_any = lift_over_any(market, calls, market.opened, seed)
    over_tier = lift_over_tier(market, calls, market.opened, capacity, tiers, seed)
    return calls_found(market, calls, k, over_any, over_tier)


def _curve(market: Panel, capacity: int, tiers: Sequence[int], seed: int) -> list[CallsFound]:
    sizes = sorted({max(1, round(capacity * times)) for times in _SIZES})
    return [_calls(market, weekly_calls(market, size), size, size, tiers, seed) for size in sizes]


def _tier_ranks(market: Panel, policy: Policy) -> list[int]:
    """Of each account: 0 for the tier with the greatest weight, and so on."""
    weights = [policy.lists.tier_weight[fit.primary.tier or ""] for fit in market.fits]
    places = {weight: place for place, weight in enumerate(sorted(set(weights), reverse=True))}
    return [places[weight] for weight in weights]


def _recall(seen: Sequence[SeenDeal], fits: Mapping[str, Fit]) -> RecallFound:
    won = [one for one in seen if one.deal.result == WON]
    by_amount = sorted(seen, key=lambda one: (-(one.deal.amount_usd or 0.0), one.deal.account, one.deal.cut))
    return {
        "won_fit": _rate_of_deals(won, [one.fits for one in won]),
        "won_hot": _rate_of_deals(won, [one.hot_since is not None for one in won]),
        "won_in_top": _rate_of_deals(won, [one.in_top for one in won]),
        "never_hot": [
            named_deal(one, fits, one.why_not)
            for one in by_amount
            if one.deal.result == WON and one.why_not is not None
        ],
        "hot_lost": [
            named_deal(one, fits, f"hot {one.lead_days:.0f} days before")
            for one in by_amount
            if one.deal.result == LOST and one.lead_days is not None
        ],
    }


def _rate_of_deals(seen: Sequence[SeenDeal], counted: Sequence[bool]) -> RateFound:
    return rate(sum(counted), len(seen), effect_of_accounts_with(seen, counted) if seen else 1.0)


def _lead_time(seen: Sequence[SeenDeal], seed: int) -> LeadTime:
    quartiles, median = lead_time(seen, seed)
    days = sorted(round(one.lead_days, 1) for one in seen if one.lead_days is not None)
    return {
        "deals": len(days),
        "quartiles": [round(one, 1) for one in quartiles],
        "median": estimate(median),
        "days": days,
    }


def _stalled(deals: Sequence[Deal]) -> list[StalledStage]:
    stages: dict[str, Counter[str]] = {}
    for deal in deals:
        if deal.stage_name is not None and deal.result != WON:
            stages.setdefault(deal.stage_name, Counter())[deal.result] += 1
    return [
        {"stage_name": name, "lost": of[LOST], "open": of[OPEN]}
        for name, of in sorted(stages.items(), key=lambda one: (-one[1].total(), one[0]))
    ]
