"""The changes of a fit load, as JSON."""

from signal_engine.core.fit.icp import Fit
from signal_engine.engine.fit.plan import Plan
from signal_engine.wire.output.operations.fit import FitPlan, PrimaryDecision


def plan_document(plan: Plan) -> FitPlan:
    """The plan as JSON; `show_plan` prints it as tables."""
    return {
        "fit_version": plan.version,
        "accounts": plan.accounts,
        "rows_changed": sum(map(len, plan.rows.values())),
        "alerts": plan.alerts,
        "changes": [
            {
                "account_id": change.account,
                "change": what,
                "before": _decision(change.before),
                "after": _decision(change.after),
                "why": change.why,
            }
            for change in plan.changes
            if (what := change.what) is not None
        ],
        "lists": {name: {"enter": lists.enter, "leave": lists.leave} for name, lists in plan.lists.items()},
    }


def _decision(fit: Fit | None) -> PrimaryDecision | None:
    if fit is None:
        return None
    primary = fit.primary
    return {"decision": primary.decision, "icp": primary.icp, "tier": primary.tier, "fit": primary.fit}
