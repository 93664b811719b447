"""Accounts found by a search, as a page shows them."""

from collections.abc import Sequence
from typing import Any

from signal_engine.adapters.http.api.accounts import StoredAccount
from signal_engine.core.score.wording import one_line
from signal_engine.engine.partition.account_cache import read


def found_rows(found: Sequence[StoredAccount]) -> list[dict[str, Any]]:
    """The rows of a search result: name, and what tells accounts apart."""
    rows = []
    for name, loaded, _ in found:
        fit = read(None, loaded.fits[0]).fit
        title, crm_id = (
            (fit.name, fit.crm_id) if fit is not None else (None, None)
        )  # the fit may be gone since the search
        beside = [name if title else None, f"CRM: {one_line(crm_id)}" if crm_id else None]
        rows.append(
            {
                "account": name,
                "name": one_line(title or name),
                "beside": " \N{MIDDLE DOT} ".join(filter(None, beside)),
            }
        )
    return rows
