"""A report takes the memory of its rows and of one partition's names, whatever the number of states."""

import tracemalloc
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Any

import pytest

from signal_engine.adapters.memory.controls import MemoryControls
from signal_engine.adapters.memory.server import MemoryServer
from signal_engine.core.alerting.hand_raises import HandRaiseSeen
from signal_engine.core.fit.icp import decide
from signal_engine.core.flow import ScoringContext, advance
from signal_engine.core.score.account import Account
from signal_engine.engine.fit.mover import icps_in_force
from signal_engine.engine.ports.controls import FIT, SCORING
from signal_engine.engine.ports.fit_changes import FitRows
from signal_engine.engine.ports.history import Dated
from signal_engine.engine.ports.loaded_accounts import LoadedRecord
from signal_engine.engine.ports.store import Loaded, Scanned
from signal_engine.engine.reports.live.live_market import LiveMarket
from signal_engine.wire.accounts.row_record import LoadedAccount, write_row
from signal_engine.wire.config.account_columns import CARRIED
from signal_engine.wire.rules.fit_load import AccountsLoad
from signal_engine.wire.storage import fit_rows, hand_raises, state
from signal_engine.wire.storage.in_force import FitInForce, ScoringInForce
from tests.build import T0, fit
from tests.engine.reports.live.loads import FILES
from tests.engine.reports.live.running import SCORING_TEXT
from tests.engine.reports.misses.judged import PROFILE, SHIPPED, warm

IN_A_PARTITION = 210
ROWS = 5
SMALL = {"size": 50, "industry": "Software"}
NO_SIZE = {"industry": "Software"}


def _hot() -> bytes:
    account = Account()
    for event in sorted(warm("a.com"), key=lambda one: one.occurred_at):
        advance(account, event, event.occurred_at, None, ScoringContext(SHIPPED.policy))
    return state.encode(account)


@dataclass
class Generated:
    """A store whose accounts exist only while they are read: `FitChanges`, too."""

    fields: dict[str, Any] | None
    known: bytes
    largest: int = 0
    """The most accounts that were asked for at once."""

    def _names(self, partition: int, cursor: int, limit: int) -> tuple[int, list[str]]:
        end = min(cursor + limit, IN_A_PARTITION)
        names = [f"a{number}-{partition}.com" for number in range(cursor, end)]
        return (0 if end == IN_A_PARTITION else end), names

    def _row(self, name: str) -> bytes | None:
        if self.fields is None:
            return None
        return fit_rows.encode(fit(account=name).__class__(name, (decide(PROFILE, self.fields),)))

    async def accounts(self, partition: int, cursor: int = 0, limit: int = 500) -> Scanned:
        after, names = self._names(partition, cursor, limit)
        return Scanned(after, dict.fromkeys(names, self.known))

    async def applied(self, partition: int, cursor: int = 0, limit: int = 1000) -> FitRows:
        after, names = self._names(partition, cursor, limit)
        return FitRows(after, {name: self._row(name) for name in names})

    async def load(self, partition: int, accounts: Sequence[str]) -> Loaded:
        del partition
        self.largest = max(self.largest, len(accounts))
        return Loaded([self.known] * len(accounts), [*map(self._row, accounts)], [None] * len(accounts))

    async def overlay(self, partition: int) -> dict[str, bytes]:
        del partition
        return {}

    async def raises(self, partition: int, since: int, limit: int) -> list[Dated]:
        del limit
        _, names = self._names(partition, 0, IN_A_PARTITION)
        seen = (HandRaiseSeen(name, since, since, name, "asked", "finance", None, None, False) for name in names)
        return [Dated(one.at, hand_raises.encode(one)) for one in seen]

    async def views(self, partition: int, names: Sequence[str]) -> list[None]:
        del partition
        return [None] * len(names)

    async def counts(self, partition: int) -> dict[str, int]:
        del partition
        return {}

    async def read(self, partition: int, end: int) -> AsyncIterator[Sequence[LoadedRecord]]:
        """`LoadedAccounts`: each account with two records."""
        for number in range(end // 2):
            name = f"a{number}-{partition}.com"
            for size in (300, 50):
                columns = {"size": size, "industry": "Software", "country": "DE", "Fax": "none"}
                row = LoadedAccount(name, columns, dict.fromkeys(CARRIED), others=("7",), rows=2)
                yield [LoadedRecord(name, write_row(row))]


async def _peak(name: Any, fields: dict[str, Any] | None, partitions: int, *, by_load: bool = False) -> int:
    """Bytes at most, beyond those before."""
    generated: Any = Generated(fields, _hot())
    controls = MemoryControls(MemoryServer())
    await controls.replace(SCORING, None, ScoringInForce(1, "1", "x", "scoring.yaml", SCORING_TEXT).encode())

    async def made(number: int) -> Any:
        if by_load:
            load = AccountsLoad(1, T0, 0, (2 * IN_A_PARTITION,) * number)
            fit = FitInForce(1, T0, 0, icps_in_force(FILES), (), load)
            await controls.replace(FIT, await controls.read(FIT), fit.encode())
        more: dict[str, Any] = {"loads": generated} if by_load else {}
        return await LiveMarket(generated, controls, generated, number, hash, max_rows=ROWS, **more).report(name, T0)

    await made(1)  # what is read once
    tracemalloc.start()
    try:
        report = await made(partitions)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert report is not None
    assert report["total"] >= partitions * IN_A_PARTITION
    assert len(report["rows"]) == ROWS
    assert generated.largest <= 200
    return peak


@pytest.mark.parametrize(
    ("name", "fields"),
    [
        ("high-intent-outside-icp", SMALL),
        ("near-fits", SMALL),
        ("unknown", NO_SIZE),
        ("not-in-accounts", None),
        ("inbound", SMALL),
    ],
)
async def test_four_times_the_accounts_take_no_more_memory(name, fields) -> None:
    few, many = await _peak(name, fields, 1), await _peak(name, fields, 4)
    assert many < 1.5 * few


@pytest.mark.parametrize("name", ["high-intent-outside-icp", "near-fits", "data-quality"])
async def test_nor_do_accounts_that_are_read_from_kafka(name) -> None:
    few, many = await _peak(name, SMALL, 1, by_load=True), await _peak(name, SMALL, 4, by_load=True)
    assert many < 1.5 * few
