"""A mixed load for one worker, stamped by a clock that runs through months in minutes."""

import csv
import json
import random
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Final

from bench.live.loads import LOADS, events
from faults.harness.feeding import records
from faults.harness.market import Event, Market, endless
from signal_engine.adapters.kafka.connecting.partitioning import partitioner
from signal_engine.core.rules.instants import DAY
from signal_engine.wire.events.account_names import normalise
from signal_engine.wire.instants import format_instant
from testing.records import ToProduce
from tests.bad_input import corpus
from tests.live.acting import ENDING, STANDING, act

BACKFILLED: Final = 0.05
ODD: Final = 0.04
"""Share of records out of the corpus of bad input; some of those are unusual and allowed."""
ACTED: Final = 0.01
"""Actions for each event."""
STRONG: Final = 0.5
"""Share of events out of the generator of benchmarks, nearly all of which hold by a rule: of a market's, few do."""
_ENDLESS: Final = 10**9
_HOT: Final = 60
"""Accounts of whom half of the events are."""
_ALIASES: Final = 30
_OTHER_DOMAINS: Final = "other_domains"
_CUSTOMER: Final = {"relation": "customer", "is_customer": "true"}
"""As the two sorts of accounts files say it."""


class MixedLoad:
    """The records of one moment after another. A share of all events is of a few accounts."""

    def __init__(self, market: Market, partitions: int, seed: int) -> None:
        self._market, self._partitions, self._dice = market, partitions, random.Random(seed)
        self._events = endless(market.events)
        self._strong = events(LOADS["hot"]._replace(refused=0), _ENDLESS, partitions, 0, seed)
        self._seed, self._number = seed, 0
        names = {name for one in market.events if isinstance(name := normalise(one["account_id"]), str)}
        self._names = sorted(names)
        self._hot = self._dice.sample(self._names, min(_HOT, len(self._names)))

    def moment(self, many: int, now: int) -> list[ToProduce]:
        """About so many records at `now` (ms)."""
        made = [self._backfilled(one) for one in records(self._drawn(many, now), self._partitions, self._dice)]
        made += self._odd(round(many * ODD), now)
        self._dice.shuffle(made)
        return [one._replace(timestamp=now) for one in made]

    def actions(self, many: int, now: int) -> list[ToProduce]:
        """So many actions of people at `now` (ms), half of them on those who are heard of most."""
        dice, kinds = self._dice, (*STANDING, *ENDING, *ENDING)
        whom = [dice.choice(dice.choice((self._hot, self._names))) for _ in range(many)]
        return [act(dice, account, dice.choice(kinds), now, self._partitions) for account in whom]

    def accounts(self, path: Path) -> Path:
        """Another accounts file: some have left it, some are customers, and some are aliases of others."""
        with self._market.accounts.open(newline="") as file:
            rows = list(csv.DictReader(file))
        by_name = {str(normalise(row.get("account_id") or row["domain"])): row for row in rows}
        known = sorted(by_name)
        chosen = self._dice.sample(known, min(len(known), 2 * _ALIASES))
        owners = dict(zip(chosen[::2], chosen[1::2], strict=False))
        left = {*self._dice.sample(known, len(known) // 10), *owners} - {*owners.values()}
        of = {owner: alias for alias, owner in owners.items()}
        kept = [{**row, _OTHER_DOMAINS: of.get(name, "")} for name, row in by_name.items() if name not in left]
        for row in self._dice.sample(kept, len(kept) // 10):
            row |= {name: told for name, told in _CUSTOMER.items() if name in row}
        with path.open("w", newline="") as out:
            table = csv.DictWriter(out, list(kept[0]))
            table.writeheader()
            table.writerows(kept)
        return path

    def _drawn(self, many: int, now: int) -> Iterator[Event]:
        for drawn in islice(self._events, many):
            event = drawn
            age = self._dice.choice((0, self._dice.randrange(DAY), self._dice.randrange(40 * DAY)))
            changes = {"occurred_at": format_instant(now - age)}
            if self._dice.random() < STRONG:
                made = next(self._strong)
                event = {**json.loads(made.value), "kind": made.kind, "account_id": self._dice.choice(self._names)}
            if self._dice.random() < 0.5:
                changes["account_id"] = self._dice.choice(self._hot)
            yield event | changes

    def _backfilled(self, one: ToProduce) -> ToProduce:
        if self._dice.random() < BACKFILLED:
            return one._replace(headers=(("backfill", b"1"),))
        return one

    def _odd(self, many: int, now: int) -> Iterator[ToProduce]:
        partition_of = partitioner(self._partitions)
        self._number += 1
        for bad in corpus(self._seed + self._number, many, now, largest=10_000):
            account = _account(bad.value)
            partition = self._dice.randrange(self._partitions) if account is None else partition_of(account)
            yield ToProduce(bad.kind, partition, bad.key or b"", bad.value, None, headers=_headers(bad.headers))


def _account(value: bytes | None) -> str | None:
    """Whose record it is, where that can be read."""
    try:
        found = normalise(json.loads(value or b"")["account_id"])
    except (ValueError, TypeError, KeyError, RecursionError):
        return None
    return found if isinstance(found, str) else None


def _headers(headers: tuple[tuple[str, bytes | None], ...]) -> tuple[tuple[str, bytes], ...]:
    return tuple((name, value) for name, value in headers if value is not None)
