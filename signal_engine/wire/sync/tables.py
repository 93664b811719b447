"""Tables for systems that follow: LinkedIn's company list, and the scores of a day."""

import csv
from collections.abc import Iterable, Mapping
from io import StringIO
from typing import Final, NamedTuple

from signal_engine.core.fit.icp import Fit
from signal_engine.core.score.wording import one_line
from signal_engine.wire.output.tables.csv_table import calculates, csv_text

LINKEDIN_HEADER: Final = (
    "companyname", "companywebsite", "companyemaildomain", "linkedincompanypageurl", "stocksymbol", "industry", "city",
    "state", "companycountry", "zipcode",
)  # fmt: skip
"""The header of LinkedIn's template for company lists, which may be neither changed nor removed."""
_LINKEDIN_LEAST: Final = 300
_LINKEDIN_MOST: Final = 300_000
_LINKEDIN_MOST_BYTES: Final = 20 * 10**6
"""Rows and size that LinkedIn takes (its help, "List upload requirements")."""
_SELECTION_HEADER: Final = (
    "account_id", "name", "relation", "decision", "tier", "icp", "icp_version", "owner", "sdr", "segment", "crm_id",
)  # fmt: skip
_SCORE_HEADER: Final = ("account_id", "score")
_LINE_END: Final = "\r\n"


class ListedCompany(NamedTuple):
    """A company for LinkedIn; it is matched by name and domain."""

    account: str
    name: str | None


def linkedin_csv(companies: Iterable[ListedCompany]) -> str:
    """The company list, by domain; names that a spreadsheet would calculate are left out rather than changed."""
    blank = [""] * (len(LINKEDIN_HEADER) - 3)
    ordered = sorted(companies, key=lambda one: one.account)
    rows = [[_name(one.name), one.account, one.account, *blank] for one in ordered]
    return _csv(LINKEDIN_HEADER, rows)


def linkedin_problem(companies: int, table: str) -> str | None:
    """Why LinkedIn will not take the table of so many companies; None: it will."""
    if companies < _LINKEDIN_LEAST:
        return f"{companies:,} companies; LinkedIn needs at least {_LINKEDIN_LEAST}"
    if companies > _LINKEDIN_MOST:
        return f"{companies:,} companies; LinkedIn takes at most {_LINKEDIN_MOST:,}"
    size = len(table.encode())
    return f"{size / 1e6:,.1f} MB; LinkedIn takes at most 20 MB" if size > _LINKEDIN_MOST_BYTES else None


def scores_csv(scores: Mapping[str, float]) -> str:
    """Account and score of a day, by account."""
    return _csv(_SCORE_HEADER, sorted(scores.items()))


def selection_csv(fits: Iterable[Fit]) -> str:
    """Accounts with what the rule says of them, by account, as a spreadsheet reads it; nothing of their signals."""
    ordered = sorted(fits, key=lambda one: one.account)
    return csv_text(_SELECTION_HEADER, map(_selected, ordered))


def _selected(fit: Fit) -> list[object]:
    by = fit.primary
    decided = [by.decision, by.tier, by.icp or None, by.version or None]
    return [fit.account, fit.name, fit.relation, *decided, fit.owner, fit.sdr or fit.owner, fit.segment, fit.crm_id]


def _name(name: str | None) -> str:
    text = one_line(name or "")
    return "" if calculates(text) else text


def _csv(header: Iterable[str], rows: Iterable[Iterable[object]]) -> str:
    out = StringIO()
    table = csv.writer(out, lineterminator=_LINE_END)
    table.writerow(header)
    table.writerows(rows)
    return out.getvalue()
