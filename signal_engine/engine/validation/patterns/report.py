"""The whole report of `icp patterns`: from accounts and outcomes to its document."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

import numpy as np

from signal_engine.engine.validation.patterns.draft import DraftOf, draft, untested
from signal_engine.engine.validation.patterns.evidence import evidence, rate_of
from signal_engine.engine.validation.patterns.fields import FieldValues, NotCompared, fields_of
from signal_engine.engine.validation.patterns.sales import Sales, cycle_days, deal_usd, sales
from signal_engine.engine.validation.statistics.claims import FAMILY_ERROR
from signal_engine.engine.validation.statistics.clusters import effective
from signal_engine.engine.validation.statistics.power import trials_needed
from signal_engine.wire.outcomes.record import AccountOutcome
from signal_engine.wire.output.reports.pattern_documents import PatternCaveatFound, PatternField, Patterns
from signal_engine.wire.output.reports.validation_documents import RateFound
from signal_engine.wire.output.words import count

_LIFT: Final = 1.5
"""What a value that is worth knowing does to the win rate."""
_SIDES: Final = 2
"""Values are claimed to win more or less often; what is needed is reckoned of one side."""
_FEW: Final = 50
"""Fewer won deals are said to be few."""
_MANY_OPEN: Final = 0.25
"""Share of deals that are open from which it is said."""


def patterns(
    accounts: Mapping[str, Mapping[str, Any]],
    outcomes: Iterable[AccountOutcome],
    only: Collection[str] = (),
    outcome_fields: Collection[str] = (),
    seed: int = 1,
    draft_of: DraftOf | None = None,
) -> Patterns:
    """Which accounts are won, by value of each column of `accounts` (account -> its row, column as written).

    `only` names the columns to look at, if not all; `outcome_fields` further ones that outcomes write.
    """
    accounts = {account: accounts[account] for account in sorted(accounts)}  # one seed draws alike in any order of rows
    made = sales([*accounts], outcomes)
    found = [*fields_of([*accounts.values()], only, outcome_fields)]
    fields = [one for one in found if isinstance(one, FieldValues)]
    told = evidence(made, fields, seed)
    everyone = np.ones(len(accounts), bool)
    won, lost, still = (int(one.sum()) for one in (made.won, made.lost, made.open))
    worth = effective(made.closed, made.alike)
    report: Patterns = {
        "summary": _summary(told.fields, won, won + lost, worth, told.compared),
        "study": {
            "accounts": len(accounts),
            "accounts_with_deals": int((made.closed > 0).sum()),
            "deals": won + lost + still,
            "won": won,
            "lost": lost,
            "open": still,
            "churned": int(made.churned.sum()),
            "not_in_accounts": made.elsewhere,
            "worth": worth,
            "compared": told.compared,
            "seed": seed,
        },
        "win_rate": rate_of(made, everyone),
        "cycle_days": cycle_days(made, everyone),
        "deal_usd": deal_usd(made, everyone),
        "fields": told.fields,
        "not_compared": [{"field": one.name, "why": one.why} for one in found if isinstance(one, NotCompared)],
        "untested": [*untested(told.fields)],
        "caveats": [*_outcome_like(told.fields), *_caveats(made, worth)],
        "draft": None,
    }
    if draft_of is not None:
        report["draft"] = draft(report, draft_of)
    return report


def _summary(fields: Sequence[PatternField], won: int, closed: int, worth: int, compared: int) -> str:
    claimed = [one for field in fields for one in field["values"] if one["claimed"] is not None]
    if claimed:
        above = sum(one["claimed"] == "above" for one in claimed)
        said = f"{count(above, 'value')} won more often than the others, {len(claimed) - above:,} less often"
        return f"Of {compared:,} values that could be compared, {said}."
    if closed and won in {0, closed}:
        missing = "lost" if won else "won"
        return f"Cannot tell: of {count(closed, 'closed deal')} none was {missing}, so nothing sets won and lost apart."
    error = FAMILY_ERROR / max(compared, 1) / _SIDES
    needed = trials_needed(won / closed, _LIFT, error) if closed else None
    said = "Cannot tell yet: no value may be said to win more or less often than the others."
    if needed is None or needed <= worth:
        return said
    more = needed - worth
    return f"{said} A value of half the deals that wins {_LIFT:g} times as often would take about {more:,} more deals."


def _outcome_like(fields: Sequence[PatternField]) -> Iterator[PatternCaveatFound]:
    for field in fields:
        alike = [one for one in field["values"] if one["outcome_like"]]
        if alike:
            first = max(alike, key=lambda one: one["win_rate"]["rate"] or 0.0)
            yield {
                "code": "outcome_like",
                "text": (
                    f"{field['field']} looks like the outcome itself: {first['value']!r} won {_of(first['win_rate'])}"
                    f" deals, others {_of(first['others'])}. Nothing is claimed of such a value; name the column with"
                    " --outcome-field, or put it into the ICP by hand if it was known before the deals."
                ),
            }


def _of(rate: RateFound) -> str:
    return f"{rate['hits']:,} of {rate['trials']:,}"


def _caveats(made: Sales, worth: int) -> Iterator[PatternCaveatFound]:
    won, closed, still = int(made.won.sum()), int(made.closed.sum()), int(made.open.sum())
    yield {
        "code": "accounts_as_of_today",
        "text": "The accounts file is as of today: a company that grew since its deal is shown as it is now.",
    }
    yield {
        "code": "one_by_one",
        "text": "Values are compared one by one. Two that go together both show, and who was called shows, too.",
    }
    if won < _FEW:
        yield {"code": "few_deals", "text": f"Only {count(won, 'deal')} won: most values cannot be told apart."}
    if worth < closed:
        yield {
            "code": "alike",
            "text": f"Deals of one account come out alike: {closed:,} tell as much as {worth:,} independent ones.",
        }
    if still > _MANY_OPEN * (closed + still):
        yield {
            "code": "open_deals",
            "text": f"{count(still, 'deal')} still open, in no win rate yet; slow segments look smaller than they are.",
        }
    if made.elsewhere:
        yield {
            "code": "not_in_accounts",
            "text": f"{count(made.elsewhere, 'deal')} of accounts that the accounts file lacks count nowhere.",
        }
