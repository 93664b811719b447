"""Accounts that are undecided because of missing data, and the field that would decide most of them."""

from signal_engine.core.fit.icp import UNKNOWN
from signal_engine.engine.reports.misses.market import ReportMarket, head
from signal_engine.engine.reports.missing_data import undecided_for
from signal_engine.wire.output.reports.report_documents import FieldOfIcp, UndecidedAccount, UnknownFit


def unknown(market: ReportMarket) -> UnknownFit:
    """The accounts whose primary decision is `unknown`, highest score first, and the fields that each ICP lacks."""
    undecided = [account for account, fit in market.table.fits.items() if fit.primary.decision == UNKNOWN]
    missing: dict[str, list[tuple[str, ...]]] = {icp.icp: [] for icp in market.icps}
    of_primary: dict[str, list[str]] = {}
    for account in undecided:
        fit, fields = market.table.fits[account], market.table.fields[account]
        for icp, criteria in market.criteria.items():
            seen = criteria.examine(fields)
            if seen.decision.decision == UNKNOWN:
                missing[icp].append(seen.missing)
            if icp == fit.primary.icp:
                of_primary[account] = [*dict.fromkeys(seen.missing)]
    rows: list[UndecidedAccount] = [
        {
            **market.reported(stands),
            "icp": market.table.fits[stands.account].primary.icp,
            "missing": of_primary[stands.account],
        }
        for stands in market.by_strength(iter(undecided))
    ]
    lacking: list[FieldOfIcp] = [
        {**one, "icp": icp} for icp, accounts in missing.items() for one in undecided_for(accounts)
    ]
    lacking.sort(key=lambda one: (-one["alone"], -one["accounts"], one["icp"], one["field"]))
    name, at, version = head("unknown", market)
    return {"report": name, "at": at, "config_version": version, "fields": lacking, "rows": rows}
