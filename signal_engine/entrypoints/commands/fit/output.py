"""The changes of a fit load, as JSON."""

from signal_engine.core.fit.icp import FitDecision
from signal_engine.core.rules.instants import BEGINNING
from signal_engine.engine.fit.alias_news import AliasNews
from signal_engine.engine.fit.plan import Plan
from signal_engine.wire.instants import format_instant
from signal_engine.wire.output.operations.fit import AliasChanges, FitPlan, PrimaryDecision
from signal_engine.wire.storage.in_force import AliasesInForce


def plan_document(plan: Plan) -> FitPlan:
    """The plan as JSON; `show_plan` prints it as tables."""
    return {
        "fit_version": plan.version,
        "accounts": plan.accounts,
        "rows_changed": plan.rows_changed,
        "alerts": plan.alerts,
        "changes": [
            {
                "account_id": change.account,
                "change": change.what,
                "before": _decision(change.before),
                "after": _decision(change.after),
                "why": change.why,
            }
            for change in plan.changes
        ],
        "lists": {name: {"enter": lists.enter, "leave": lists.leave} for name, lists in plan.lists.items()},
    }


def alias_document(news: AliasNews, in_force: AliasesInForce | None) -> AliasChanges:
    """What becomes of aliases, as JSON; `in_force` is the map after the load, None before it and if nothing changed."""
    since = None if in_force is None or in_force.since == BEGINNING else format_instant(in_force.since)
    return {**news._asdict(), "since": since}  # type: ignore[typeddict-item]  # the names are the same


def _decision(primary: FitDecision | None) -> PrimaryDecision | None:
    if primary is None:
        return None
    return {"decision": primary.decision, "icp": primary.icp, "tier": primary.tier, "fit": primary.fit}
