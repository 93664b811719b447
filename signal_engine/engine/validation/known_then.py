"""Which fields of an accounts file already tell what came of an account, and are read as missing.

An accounts file is as of today: a customer says so in it. Without a history of its rows, a field that outcomes write
must not decide who would have been chased before them.
"""

import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import Any, Final, NamedTuple

from signal_engine.core.errors import FAILED, SignalEngineError
from signal_engine.core.fit.criteria import Criteria
from signal_engine.core.fit.icp import Fit, Icp, decide
from signal_engine.core.rules.readings import is_blank
from signal_engine.core.rules.relations import PROSPECT
from signal_engine.engine.backtest.actions import TimedFit
from signal_engine.wire.config.account_columns import column_key

_FIELDS: Final = frozenset(
    {
        "client", "closedate", "currentcustomer", "customer", "customersince", "customerstatus", "customertype",
        "daystoclose", "existingcustomer", "isclient", "iscustomer", "lastclosedate", "leadstatus", "owner", "sdr",
        "totalrevenue",
    }
)  # fmt: skip
"""Column keys that a CRM writes when a deal moves or an account is handed on."""
_OF_HUBSPOT: Final = "hs"
"""Begins names of HubSpot's own, such as `hs_lead_status`."""
_BEGINS: Final = ("deal", "numdeal", "lastdeal", "closed", "recentdeal", "accountowner", "companyowner", "hubspotowner")
_PARTS: Final = ("opportunit", "lifecycle", "becamea", "closedwon", "closedlost", "dateentered", "dateexited")
"""HubSpot dates each lifecycle stage: `Became a Customer Date`, `hs_v2_date_entered_customer`."""
_DEALERS: Final = ("dealer", "dealing")
_DEALS: Final = frozenset({"deal", "deals"})
"""Words of a name, as in `Number of Associated Deals`."""
_WORDS: Final = re.compile(r"[A-Z]?[a-z]+|[A-Z]+")
_MAX_DISQUALIFIED: Final = 0.2
"""Share of the won that a disqualifier may exclude."""
_MIN_WON: Final = 5
"""Fewer won accounts refuse nothing: one of them would be a fifth."""
_OF_DEALS: Final = frozenset({"open_opportunity", "customer", "former_customer"})
"""Relations that deals make of a prospect."""


class WonAreDisqualified(SignalEngineError):
    """A disqualifier excludes so many of the won that it must have been written by the outcomes."""

    exit_code = FAILED


class KnownThen(NamedTuple):
    """The fits as they may be read before an account's first deal."""

    fits: dict[str, Fit]
    """Where loads are known: of each account the first by which it may be listed, else its first."""
    fields: tuple[str, ...]
    """The fields of ICP files that were read as missing, in every account."""
    accounts_with_fields: int
    """Accounts in which one of them was filled."""
    accounts_with_relation: int
    """Accounts with a deal whose relation was read as prospect."""
    accounts_with_owner: int = 0
    """Accounts whose owner was read as missing."""
    began: int | None = None
    """When the first load was in force (ms); None: `fits` are all that is known, as of today."""
    first: Mapping[str, Fit] = MappingProxyType({})
    """The fits by the first load, as they may be read before it; empty without loads."""
    later: Mapping[str, Sequence[TimedFit]] = MappingProxyType({})
    """Account -> what loads made of it since then, the first one included, in order of time."""

    @property
    def at_first(self) -> Mapping[str, Fit]:
        """The fits at the beginning of a replay."""
        return self.fits if self.began is None else self.first

    def at(self, account: str, instant: int) -> Fit | None:
        """The fit of an account shortly before an instant (ms); None where it was not loaded then."""
        fit = self.at_first.get(account)
        for change in self.later.get(account, ()):
            if change.now >= instant:
                break
            fit = change.fit
        return fit


def told_by_outcomes(name: str, also: Collection[str] = ()) -> bool:
    """Whether outcomes write the column `name`; `also` names further such columns."""
    key = column_key(name)
    known = key.removeprefix(_OF_HUBSPOT)
    return (
        known in _FIELDS
        or (known.startswith(_BEGINS) and not known.startswith(_DEALERS))
        or any(part in known for part in _PARTS)
        or not _DEALS.isdisjoint(word.casefold() for word in _WORDS.findall(name))
        or key in {column_key(one) for one in also}
    )


def known_then(
    fits: dict[str, Fit],
    fields: dict[str, dict[str, Any]],
    icps: Iterable[Icp],
    with_deals: Collection[str],
    also: Collection[str] = (),
) -> KnownThen:
    """The fits without what outcomes wrote. `fields` are what the ICP files ask of; `also` names further such fields.

    A field of the ICP files is read as missing in all accounts alike, or its absence would tell who had a deal. The
    relation is read as prospect where there is a deal of the account: what it was to us without one, it was before.
    """
    icps = tuple(icps)
    names = tuple(
        sorted(name for name in {name for of in fields.values() for name in of} if told_by_outcomes(name, also))
    )
    filled = related = 0
    known: dict[str, Fit] = {}
    for account, today in fits.items():
        fit = today
        if any(not is_blank(fields[account].get(name)) for name in names):
            filled += 1
            then = {name: value for name, value in fields[account].items() if name not in names}
            fit = replace(fit, decisions=tuple(decide(icp, then) for icp in icps))
        if account in with_deals and fit.relation in _OF_DEALS:
            related += 1
            fit = replace(fit, relation=PROSPECT)
        known[account] = fit
    return KnownThen(known, names, filled, related)


def without_owners(known: KnownThen) -> KnownThen:
    """The same without owners: who won an account, or keeps it, owns it today, which tells what came of it."""
    owned = sum(fit.owner is not None for fit in known.fits.values())
    fits = {name: replace(fit, owner=None, sdr=None) for name, fit in known.fits.items()}
    return known._replace(fits=fits, accounts_with_owner=owned)


def refuse_disqualified(
    known: KnownThen, fields: Mapping[str, dict[str, Any]], icps: Iterable[Icp], won: Collection[str]
) -> None:
    """Raises `WonAreDisqualified` where disqualifiers of every ICP exclude more than a fifth of the won accounts."""
    criteria = [Criteria(icp) for icp in icps]
    there = [account for account in sorted(won) if account in fields]
    excluded: Counter[str] = Counter()
    accounts = 0
    for account in there:
        then = {name: value for name, value in fields[account].items() if name not in known.fields}
        reasons = [[*_disqualifiers(one, then)] for one in criteria]
        if all(reasons):
            accounts += 1
            excluded.update({reason for of in reasons for reason in of})
    if len(there) >= _MIN_WON and accounts > _MAX_DISQUALIFIED * len(there):
        reason, count = excluded.most_common(1)[0]
        raise WonAreDisqualified(
            f"disqualifiers exclude {accounts} of {len(there)} won accounts, most often {reason!r} ({count}): either"
            " the ICP is wrong, or the outcome wrote the field; name such a field with --outcome-field"
        )


def _disqualifiers(criteria: Criteria, fields: dict[str, Any]) -> Iterator[str]:
    return (one.words for one in criteria.examine(fields).against if one.stage == "disqualify")
