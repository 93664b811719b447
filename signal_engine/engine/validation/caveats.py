"""What limits what the figures say, in words."""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import Final, NamedTuple

import numpy as np

from signal_engine.core.rules.instants import DAY
from signal_engine.engine.outcomes.opportunities import LOST, OPEN, WON
from signal_engine.engine.validation.calls import Calls
from signal_engine.engine.validation.cutting import Cut, EventOfDeal
from signal_engine.engine.validation.deals import Deal
from signal_engine.engine.validation.known_then import KnownThen
from signal_engine.engine.validation.panel import DEFAULT_CYCLE_DAYS, Panel
from signal_engine.engine.validation.statistics.intervals import MIN_TRIALS
from signal_engine.engine.validation.telling.arms import Arms
from signal_engine.wire.instants import format_instant
from signal_engine.wire.output.reports.validation_documents import CaveatCode, CaveatFound
from signal_engine.wire.output.words import count, signal_type

_LEAK_DAYS: Final = 3
_LEAK_SHARE: Final = 0.5
"""A kind of which more falls so shortly before the deal may be its trace, not its sign."""
_BULK_SHARE: Final = 0.05
_MIN_BULK: Final = 10
"""Deals of one day that make an import of it."""
_ONE_ACCOUNT_SHARE: Final = 0.2
_MIN_HITS: Final = 5
_SILENT_DAYS: Final = 28
"""Days without any event at the end from which it is said."""
_WARM_UP_DAYS: Final = 90
"""Days of events before which scores have not filled."""


class CaveatFacts(NamedTuple):
    """All that caveats look at."""

    panel: Panel
    calls: Calls
    deals: Sequence[Deal]
    """Of the time looked at."""
    cut: Cut
    known: KnownThen
    without_cycle: Sequence[str]
    """ICPs that name no cycle."""
    first_event: int
    """ms."""
    end: int
    """ms."""
    acted: bool
    """Whether actions of people were given."""
    compared: Sequence[Arms]
    """Draws of a control group."""


def caveats(seen: CaveatFacts) -> list[CaveatFound]:
    """Every caveat that holds, most serious first."""
    found = [
        *_leaks(seen.cut.of_deals),
        *_bulk(seen.deals),
        *_one_account(seen.panel, seen.calls),
        *_fields(seen.known),
        *_dates(seen),
        *_censored(seen),
        *_accounts(seen),
        *_contaminated(seen),
        *_always(seen),
    ]
    return [{"code": code, "text": text} for code, text in found]


class _Said(NamedTuple):
    code: CaveatCode
    text: str


def traces(events: Iterable[EventOfDeal]) -> dict[str, tuple[int, int]]:
    """Kinds that may be traces of deals, not signs: how many signals came in the last days before one, and of how many.

    From 10 signals on; `events` are those of accounts with deals, before them.
    """
    events = list(events)
    near = Counter(one.kind for one in events if one.before_cut <= _LEAK_DAYS * DAY)
    every = Counter(one.kind for one in events)
    return {
        kind: (near[kind], many)
        for kind, many in sorted(every.items())
        if many >= MIN_TRIALS and near[kind] > _LEAK_SHARE * many
    }


def _leaks(events: Iterable[EventOfDeal]) -> Iterator[_Said]:
    for kind, (near, many) in traces(events).items():
        yield _Said(
            "leakage",
            f"{near:,} of {many:,} {signal_type(kind)} signals before deals came in the last {_LEAK_DAYS} "
            "days: they may be traces of the deal itself, and then they predict nothing; nothing is claimed of them, "
            "and the verdict leaves out accounts while they were live",
        )


def _bulk(deals: Sequence[Deal]) -> Iterator[_Said]:
    days = Counter(deal.cut // DAY for deal in deals)
    for day, many in sorted(days.items()):
        if many >= _MIN_BULK and many > _BULK_SHARE * len(deals):
            yield _Said(
                "bulk_outcomes",
                f"{many:,} of {count(len(deals), 'deal')} were opened on {format_instant(day * DAY)[:10]}: that looks "
                "like an import; give their true dates (opened_at) or leave them out",
            )


def _one_account(panel: Panel, calls: Calls) -> Iterator[_Said]:
    hit = panel.opened[calls.account, calls.monday]
    if (total := int(hit.sum())) < _MIN_HITS:
        return
    by_account = np.bincount(calls.account[hit])
    if (most := int(by_account.max())) > _ONE_ACCOUNT_SHARE * total:
        name = panel.accounts[int(by_account.argmax())]
        yield _Said("one_account", f"{most} of {total} calls that a deal followed are of one account, {name}")


def _read_as(known: KnownThen, what: str) -> str:
    """How accounts are read, and until when."""
    return f"read as {what}" + ("" if known.began is None else f" before {format_instant(known.began)[:10]}")


def _fields(known: KnownThen) -> Iterator[_Said]:
    if known.fields:
        are = "is" if len(known.fields) == 1 else "are"
        yield _Said(
            "outcome_fields",
            f"{', '.join(known.fields)} may tell what came of an account and {are} "
            f"{_read_as(known, 'missing')}; filled in {count(known.accounts_with_fields, 'account')}",
        )
    if known.accounts_with_relation:
        yield _Said(
            "outcome_fields",
            f"{count(known.accounts_with_relation, 'account')} with deals are {_read_as(known, 'prospects')}, whatever "
            "the accounts file calls them today",
        )
    if known.accounts_with_owner:
        yield _Said(
            "outcome_fields",
            f"the owners of {count(known.accounts_with_owner, 'account')} are {_read_as(known, 'unknown')}: whoever "
            "wins a deal often gets the account, so today's owner gives the outcome away",
        )


def _dates(seen: CaveatFacts) -> Iterator[_Said]:
    undated = sum(not deal.dated for deal in seen.deals)
    if undated:
        yield _Said(
            "undated_deals",
            f"{undated:,} of {count(len(seen.deals), 'deal')} do not say when they were opened or first met: signals "
            "count up to their first outcome, which flatters the score",
        )
    if seen.cut.kept and seen.cut.undated:
        yield _Said(
            "undated_events",
            f"{seen.cut.undated:,} of {count(seen.cut.kept, 'event')} do not say when we got to know of them: each "
            "counts from when it happened, which may be before anybody knew, and that flatters the score",
        )


def _censored(seen: CaveatFacts) -> Iterator[_Said]:
    last = seen.cut.last
    if last is not None and seen.end - last > _SILENT_DAYS * DAY:
        unseen = sum(deal.cut > last for deal in seen.deals)
        yield _Said(
            "censored_end",
            f"the last event arrived on {format_instant(last)[:10]}, outcomes are known up to "
            f"{format_instant(seen.end)[:10]}: scores only fall after it, and deals opened since ({unseen:,}) "
            "count as not seen coming; --until ends the time looked at earlier",
        )
    late = int((seen.panel.at > seen.end - int(seen.panel.cycle.max(initial=0))).sum())
    if late:
        yield _Said(
            "censored_end",
            f"{count(late, 'Monday')} at the end {'is' if late == 1 else 'are'} left out of rates: the cycle after "
            f"{'it' if late == 1 else 'them'} is not over on {format_instant(seen.end)[:10]}",
        )
    early = sum(deal.cut - seen.first_event < _WARM_UP_DAYS * DAY for deal in seen.deals)
    if early:
        yield _Said(
            "censored_start",
            f"{count(early, 'deal')} began less than {_WARM_UP_DAYS} days after the first event: what came before is "
            "unknown, so scores then are too low",
        )
    if len(seen.deals) >= MIN_TRIALS and not any(deal.result == LOST for deal in seen.deals):
        yield _Said(
            "no_losses", "no deal was lost: either nobody notes lost deals, or these outcomes are no sales at all"
        )
    if undecided := sum(deal.result == OPEN for deal in seen.deals):
        yield _Said(
            "open_deals", f"{undecided:,} of {count(len(seen.deals), 'deal')} still open: such a deal counts as not won"
        )


def _accounts(seen: CaveatFacts) -> Iterator[_Said]:
    known = seen.known
    if never := [deal for deal in seen.deals if deal.account not in known.fits]:
        file = "no accounts file" if known.began is None else "no load of accounts"
        yield _Said("not_in_accounts", f"{_with_deals(never)} could not be listed: in {file}")
    unknown_yet = [one for one in seen.deals if one.account in known.fits and known.at(one.account, one.cut) is None]
    if unknown_yet:
        yield _Said(
            "not_in_accounts",
            f"{_with_deals(unknown_yet)} could not be listed: not among the accounts when the deal began",
        )
    if seen.without_cycle:
        yield _Said(
            "default_cycle",
            f"ICP {', '.join(seen.without_cycle)} names no cycle_days: outcomes count for {DEFAULT_CYCLE_DAYS} days",
        )


def _contaminated(seen: CaveatFacts) -> Iterator[_Said]:
    for one in seen.compared:
        if one.held.answered:
            yield _Said(
                "contamination",
                f"people worked {one.held.answered:,} of {count(one.held.accounts, 'account')} held back since "
                f"{one.draw.since.isoformat()}: they count as held back all the same, so the difference is smaller "
                "than what telling does",
            )
    if seen.compared and not seen.acted:
        yield _Said(
            "contamination",
            "without actions (--actions) nobody can say how many of the accounts held back were worked all the same",
        )


def _with_deals(deals: Collection[Deal]) -> str:
    won = sum(deal.result == WON for deal in deals)
    return f"{count(len({deal.account for deal in deals}), 'account')} with deals ({won:,} won)"


def _as_of(seen: CaveatFacts) -> Iterator[_Said]:
    began = seen.known.began
    if began is None:
        yield _Said(
            "accounts_as_of_today",
            "accounts are read as the file has them today: a field that has changed since decides as if it had always "
            "been so",
        )
    elif early := int((seen.panel.at <= began).sum()):
        mondays = count(len(seen.panel.at), "Monday")
        yield _Said(
            "accounts_as_of_today",
            f"accounts were first loaded on {format_instant(began)[:10]}: {early:,} of {mondays} come before that and "
            "are judged by that load, which nobody had then"
            + ("; the others by what was loaded on the day" if early < len(seen.panel.at) else ""),
        )


def _always(seen: CaveatFacts) -> Iterator[_Said]:
    yield from _as_of(seen)
    if seen.compared:
        yield _Said("correlation", "a lift is no effect of calling: what telling adds is the control group's figure")
        return
    said = "claimed and unclaimed accounts differ in more than the claim" if seen.acted else "nobody was held back"
    yield _Said("correlation", f"a lift is no effect of calling: {said}; only a control group would show that")
