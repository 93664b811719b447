"""Companies with strong signals that are not in the accounts file."""

from signal_engine.engine.reports.misses.market import ReportMarket, head
from signal_engine.wire.output.reports.report_documents import NotInAccounts


def not_in_accounts(market: ReportMarket) -> NotInAccounts:
    """The companies that are warm or hot, or asked to be called, strongest first."""
    strangers = (stands for stands in market.in_market() if stands.account not in market.table.fits)
    name, at, version = head("not-in-accounts", market)
    return {"report": name, "at": at, "config_version": version, "rows": [market.reported(one) for one in strangers]}
