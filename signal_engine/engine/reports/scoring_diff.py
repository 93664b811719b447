"""What a new version of the scoring file changes: the same events replayed under both, compared."""

from collections.abc import Iterator, Mapping
from typing import Any, Final, NamedTuple

from signal_engine.core.fit.icp import Fit
from signal_engine.core.fit.ranking import ALL
from signal_engine.core.rules.policy import COLD, Level
from signal_engine.core.score.snapshot import AccountSnapshot
from signal_engine.engine.reports.alert_load import WeeklyCalls, weekly_calls, weeks_above
from signal_engine.engine.reports.market_diff import ComparedReplay, market_diff
from signal_engine.wire.config.scoring_file import ScoringFile
from signal_engine.wire.instants import parse_instant
from signal_engine.wire.output.reports.scoring_documents import (
    AccountChange,
    AccountPlace,
    ChangedSetting,
    ListMoves,
    Load,
    PartDifference,
    PersonLoad,
    ScoringDiff,
)
from signal_engine.wire.output.rounding import rounded, rounded_parts

_NAMED: Final = 10
"""Accounts that are named one by one."""


class ScoredAccount(NamedTuple):
    """One account at the end of one replay."""

    score: float
    """In hundredths."""
    level: Level
    parts: dict[str, float]
    """In hundredths that sum to `score`."""


_BLANK: Final = ScoredAccount(0.0, COLD, {})
"""An account without signals."""


class ScoredReplay(NamedTuple):
    """One version and what it makes of the events."""

    scoring: ScoringFile
    compared: ComparedReplay
    accounts: Mapping[str, ScoredAccount]
    """Those that have signals and are chased, at its end."""


def scored(snapshot: AccountSnapshot) -> ScoredAccount:
    """What is compared of an account."""
    total, parts = snapshot.score.score, snapshot.score.parts
    points = rounded_parts(total, [points for _, points in parts])
    return ScoredAccount(
        rounded(total), snapshot.level, {name: one for (name, _), one in zip(parts, points, strict=True)}
    )


def scoring_diff(
    before: ScoredReplay, after: ScoredReplay, fits: Mapping[str, Fit], capacity: int | None = None
) -> ScoringDiff:
    """What changes when the file of `after` takes the place of that of `before`.

    Both replayed the same events of the same accounts to the same instant. `capacity` is how many alerts one person can
    work on in a week.
    """
    old, new = before.scoring, after.scoring
    market = market_diff(before.compared, after.compared)
    changes = _accounts(before, after, fits)
    since = parse_instant(market["since"])
    return {
        "versions": [old.config_version, new.config_version],
        "settings": _settings(old.document.data, new.document.data),
        "takeover": "publish" if old.rules_hash == new.rules_hash else "rebuild",
        "market": market,
        "moves": _moves(before.compared, after.compared),
        "load": _load(
            weekly_calls(before.compared.alerts.values(), fits, since),
            weekly_calls(after.compared.alerts.values(), fits, since),
            capacity,
        ),
        "changed": len(changes),
        "accounts": changes[:_NAMED],
    }


def _settings(old: Any, new: Any) -> list[ChangedSetting]:
    was, will = dict(_values((), old)), dict(_values((), new))
    return [
        {"setting": ".".join(path), "before": was.get(path), "after": will.get(path)}
        for path in dict.fromkeys([*was, *will])
        if was.get(path) != will.get(path)
    ]


def _values(path: tuple[str, ...], value: Any) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Path -> value; lists are compared as they are, since their items have no names."""
    if isinstance(value, Mapping):
        for name, inner in value.items():
            yield from _values((*path, str(name)), inner)
    else:
        yield path, value


def _moves(before: ComparedReplay, after: ComparedReplay) -> list[ListMoves]:
    moves: list[ListMoves] = []
    for name, accounts in after.weeks[-1].lists.items():
        ranks = _ranks(before, name)
        both = [(account, ranks[account], rank) for rank, account in enumerate(accounts, 1) if account in ranks]
        moved = [(account, was, will) for account, was, will in both if was != will]
        moves.append(
            {
                "list": name,
                "stay": len(both),
                "moved": [{"account_id": account, "before": was, "after": will} for account, was, will in moved],
            }
        )
    return moves


def _ranks(market: ComparedReplay, name: str) -> dict[str, int]:
    return {account: rank for rank, account in enumerate(market.weeks[-1].lists[name], 1)}


def _load(before: WeeklyCalls, after: WeeklyCalls, capacity: int | None) -> Load:
    people = {person for person, _ in [*before, *after]}
    loads = [_person_load(person, before, after) for person in people]
    loads.sort(key=lambda one: (-one["after"], -one["before"], one["person"] is None, one["person"] or ""))
    return {
        "capacity": capacity,
        "people": loads,
        "over_before": None if capacity is None else weeks_above(before, capacity).total(),
        "over_after": None if capacity is None else weeks_above(after, capacity).total(),
    }


def _person_load(person: str | None, before: WeeklyCalls, after: WeeklyCalls) -> PersonLoad:
    mondays = sorted({monday for one, monday in [*before, *after] if one == person})
    return {
        "person": person,
        "before": sum(before[person, monday] for monday in mondays),
        "after": sum(after[person, monday] for monday in mondays),
        "weeks": [
            {"week": monday.isoformat(), "before": before[person, monday], "after": after[person, monday]}
            for monday in mondays
        ],
    }


def _accounts(before: ScoredReplay, after: ScoredReplay, fits: Mapping[str, Fit]) -> list[AccountChange]:
    """Every account that stands elsewhere: the greatest change of score first, then of rank."""
    was_ranked, is_ranked = _ranks(before.compared, ALL), _ranks(after.compared, ALL)
    changes = []
    for account in before.accounts.keys() | after.accounts.keys():
        old, new = before.accounts.get(account, _BLANK), after.accounts.get(account, _BLANK)
        was = _standing(old, was_ranked.get(account))
        will = _standing(new, is_ranked.get(account))
        if was != will:
            changes.append(_change(account, fits[account].name, (was, old), (will, new)))
    changes.sort(key=lambda one: (-abs(one["difference"]), -_moved(one), one["account_id"]))
    return changes


def _moved(change: AccountChange) -> int:
    was, will = change["before"]["rank"], change["after"]["rank"]
    return 0 if was is None or will is None else abs(was - will)


def _standing(account: ScoredAccount, rank: int | None) -> AccountPlace:
    return {"score": account.score, "level": account.level, "rank": rank}


def _change(
    account: str,
    name: str | None,
    before: tuple[AccountPlace, ScoredAccount],
    after: tuple[AccountPlace, ScoredAccount],
) -> AccountChange:
    (was, old), (will, new) = before, after
    return {
        "account_id": account,
        "name": name,
        "before": was,
        "after": will,
        "difference": rounded(new.score - old.score),
        "parts": _parts(old.parts, new.parts),
    }


def _parts(old: Mapping[str, float], new: Mapping[str, float]) -> list[PartDifference]:
    parts: list[PartDifference] = [
        {
            "part": part,
            "before": old.get(part, 0.0),
            "after": new.get(part, 0.0),
            "difference": rounded(new.get(part, 0.0) - old.get(part, 0.0)),
        }
        for part in dict.fromkeys([*old, *new])
    ]
    return sorted((one for one in parts if one["difference"]), key=lambda one: -abs(one["difference"]))
