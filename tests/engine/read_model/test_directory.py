"""Accounts are found by what people call them."""

import pytest

from signal_engine.adapters.memory.fit_changes import MemoryFitChanges
from signal_engine.adapters.memory.server import MemoryServer
from signal_engine.adapters.memory.store import MemoryStore
from signal_engine.core.fit.icp import Fit, FitDecision
from signal_engine.engine.ports.controls import FIT_VERSION
from signal_engine.engine.ports.transaction import TopicRead, Transaction
from signal_engine.engine.read_model.account_directory import AccountDirectory
from signal_engine.wire.storage import fit_rows

ACCOUNTS = {
    "acme.com": ("Acme Tools", "00123"),
    "acme.co.uk": ("Acme", "00124"),
    "bauer.de": ("Bauer & S\u00f6hne GmbH", "1E5"),
    "tools.io": (None, None),
    "nacme.io": ("Nacme\u202e\n Ltd", "ACC-7"),
}
DECIDED = (FitDecision("saas", 1, "chase", 80.0, "A", ()),)


class Table:
    """A fit table in a store, two partitions."""

    def __init__(self) -> None:
        server = MemoryServer()
        self.store, self.rows = MemoryStore(server), MemoryFitChanges(server)
        self.directory = AccountDirectory(self.store, self.rows, 2)
        self.scans = 0
        self.applied = self.rows.applied

    async def put(self, partition: int, version: int | None, **rows: tuple[str | None, str | None] | None) -> None:
        stands = await self.store.positions(partition)
        fits = {
            account: None if row is None else fit_rows.encode(Fit(account, DECIDED, name=row[0], crm_id=row[1]))
            for account, row in rows.items()
        }
        moved = [] if version is None else [TopicRead(FIT_VERSION, stands.topics.get(FIT_VERSION, 0), version)]
        await self.store.apply(Transaction(partition=partition, counter=stands.counter, fits=fits, reads=moved))

    async def find(self, wanted: str, limit: int = 10) -> list[str]:
        return await self.directory.find(wanted, limit)


@pytest.fixture
async def table() -> Table:
    made = Table()
    names = list(ACCOUNTS)
    await made.put(0, 1, **{name: ACCOUNTS[name] for name in names[:3]})
    await made.put(1, 1, **{name: ACCOUNTS[name] for name in names[3:]})
    return made


@pytest.mark.parametrize(
    ("wanted", "found", "why"),
    [
        ("Acme Tools", ["acme.com"], "a name"),
        ("acme", ["acme.co.uk", "acme.com", "nacme.io"], "a name as it stands, then how one begins, then any part"),
        ("tools", ["tools.io", "acme.com"], "how a domain begins, then a part of a name"),
        ("S\u00d6HNE gmbh", ["bauer.de"], "a part of a name, in any case"),
        ("  bauer  & ", ["bauer.de"], "blanks count once"),
        ("00123", ["acme.com"], "a CRM id"),
        ("1e5", ["bauer.de"], "one in another case"),
        ("0012", ["acme.co.uk", "acme.com"], "how CRM ids begin, by name"),
        ("c-7", ["nacme.io"], "a part of one"),
        ("nacme ltd", ["nacme.io"], "a name with what cannot be seen in it"),
        (".co.uk", ["acme.co.uk"], "a part of a domain"),
        ("acme\x1f00", [], "nothing is found across two of them"),
        ("acme tools00123", [], "nor as if they were one"),
        ("nobody", [], "none"),
        (" \n", [], "blanks"),
    ],
)
async def test_an_account_is_found_by_name_crm_id_or_domain(
    table: Table, wanted: str, found: list[str], why: str
) -> None:
    assert await table.find(wanted) == found, why


async def test_no_more_than_asked_for_the_closest_first(table: Table) -> None:
    assert await table.find("acme", 1) == ["acme.co.uk"]


async def test_of_a_partition_whose_rows_have_changed_they_are_read_again(
    table: Table, monkeypatch: pytest.MonkeyPatch
) -> None:
    scanned = []

    async def applied(partition: int, cursor: int = 0, limit: int = 1000) -> object:
        scanned.append(partition)
        return await table.applied(partition, cursor, limit)

    monkeypatch.setattr(table.rows, "applied", applied)
    assert await table.find("acme tools") == ["acme.com"]
    await table.find("acme")
    assert scanned == [0, 1], "once"
    await table.put(0, 2, **{"acme.com": ("Acme Instruments", "00123"), "bauer.de": None})
    assert await table.find("instruments") == ["acme.com"]
    assert await table.find("bauer") == []
    assert scanned == [0, 1, 0]
