"""Prospects with strong signals that do not fit, with the criterion that excludes each."""

from signal_engine.core.fit.icp import IGNORE
from signal_engine.core.rules.policy import COLD
from signal_engine.core.rules.relations import PROSPECT
from signal_engine.engine.reports.misses.costs import Against, costs
from signal_engine.engine.reports.misses.market import ReportMarket, head, may_be_worked_on
from signal_engine.wire.output.reports.report_documents import HighIntentOutsideIcp, OutsideIcp


def high_intent_outside_icp(market: ReportMarket) -> HighIntentOutsideIcp:
    """The prospects that are warm or hot and that no ICP chases, strongest first, and the cost of each criterion."""
    rows: list[OutsideIcp] = []
    found: list[Against] = []
    for stands in market.in_market():
        fit = market.table.fits.get(stands.account)
        if fit is None or stands.level == COLD or fit.primary.decision != IGNORE:
            continue
        if fit.relation != PROSPECT or not may_be_worked_on(fit, market.policy):
            continue
        fields = market.table.fields[stands.account]
        against = {icp: one.examine(fields).against for icp, one in market.criteria.items()}
        found += [Against(icp, criteria) for icp, criteria in against.items()]
        first, *others = against[fit.primary.icp]
        rows.append(
            {
                **market.reported(stands),
                "icp": fit.primary.icp,
                "stage": first.stage,
                "criterion": first.words,
                "others": [one.words for one in others],
            }
        )
    name, at, version = head("high-intent-outside-icp", market)
    return {"report": name, "at": at, "config_version": version, "costs": costs(found), "rows": rows}
