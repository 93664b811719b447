"""Accounts files to rows of `fit.accounts`: live decides what replay decides, and a merge what a whole file would."""

import json
from collections.abc import AsyncIterator, Iterator, Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from signal_engine.core.fit.icp import Icp
from signal_engine.core.rules.relations import DO_NOT_CONTACT
from signal_engine.engine.fit.loading import (
    MAX_ROW_BYTES,
    AccountsChanged,
    LoadedRowUnreadable,
    LoadSource,
    NewAccounts,
    RowTooLarge,
    SpoolPlace,
    new_accounts,
)
from signal_engine.engine.fit.missing_columns import asked
from signal_engine.engine.fit.table import account_table
from signal_engine.engine.ports.loaded_accounts import LoadedRecord
from signal_engine.wire.accounts.row_record import LoadedAccount, read_row
from signal_engine.wire.config.accounts_file import AccountsFile, read_csv, read_json_lines
from signal_engine.wire.storage import fit_rows
from tests.build import icp

SAAS = icp("saas", must_have={"size": {"gte": 200}}, base=85)
FINTECH = icp("fintech", must_have={"industry": "Banking", "Region": {"in": ["EU", "US"]}}, base=60)
ICPS = (SAAS, FINTECH)
HEADER = "Domain,size,industry,name,owner,crm id,suppressed,relation,parent,primary,region"


class MemorySpool:
    def __init__(self) -> None:
        self.by_partition: dict[int, list[bytes]] = {}

    def add(self, partition: int, row: bytes) -> None:
        self.by_partition.setdefault(partition, []).append(row)

    def rows(self, partition: int) -> Iterator[bytes]:
        yield from self.by_partition.get(partition, [])


def partition_of(account: str) -> int:
    return len(account) % 2


def csv(*rows: str, header: str = HEADER, whole: bool = False) -> AccountsFile:
    return read_csv("a.csv", [f"{line}\n" for line in (header, *rows)], asked(ICPS), whole=whole)


class Topic:
    """What `fit.accounts` has, and the loads that wrote it."""

    def __init__(self) -> None:
        self.records: dict[int, list[LoadedRecord]] = {0: [], 1: []}
        self.warnings: list[str] = []

    async def kept(self, number: int) -> AsyncIterator[Sequence[LoadedRecord]]:
        for record in self.records[number]:  # one by one, so that no test depends on batches
            yield [record]

    async def load(self, *rows: str, merge: bool = False, removed: frozenset[str] = frozenset()) -> list[LoadedRecord]:
        """Loads a file; returns the records that it wrote."""
        source = LoadSource((lambda: csv(*rows, whole=True)) if rows else None, removed, merge)
        place = SpoolPlace(MemorySpool(), 2, partition_of)
        self.made = await new_accounts(source, ICPS, place, self.kept, self.warnings.append)
        written = []
        for number in (0, 1):
            changed = await self.made.changed(number, self.kept(number))
            self.records[number] += changed
            written += changed
        return written

    @property
    def accounts(self) -> dict[str, LoadedAccount]:
        latest: dict[str, bytes | None] = {}
        for records in self.records.values():
            latest.update(records)
        rows = {account: read_row(value) for account, value in latest.items() if value is not None}
        return {account: row for account, row in rows.items() if isinstance(row, LoadedAccount)}


def decided(made: NewAccounts) -> dict[str, Any]:
    return {name: fit_rows.decode(row) for number in (0, 1) for name, row in made.rows(number).items()}


def replayed(*rows: str, icps: Sequence[Icp] = ICPS) -> tuple[dict[str, Any], list[str]]:
    warnings: list[str] = []
    return account_table(csv(*rows), icps, warnings.append).fits, warnings


_CELLS = st.tuples(
    st.sampled_from(["a.com", "b.com", "cc.com", "dd.com", "no", "https://www.A.com/x"]),
    st.sampled_from(["", "300", "1.200", '"1,200"', "3.75", '"99,5"', "1.2k"]),
    st.sampled_from(["", "Banking", "Retail; Banking"]),
    st.sampled_from(["", "Acme"]),
    st.sampled_from(["", "dana"]),
    st.sampled_from(["", "1", "2"]),
    st.sampled_from(["", "yes", "n/k"]),
    st.sampled_from(["", "customer", "do_not_contact", "friend"]),
    st.sampled_from(["", "a.com", "b.com", "cc.com", "elsewhere.com"]),
    st.sampled_from(["", "true"]),
    st.sampled_from(["", "EU"]),
)


@given(st.lists(_CELLS, max_size=8))
@settings(max_examples=150)
async def test_what_is_loaded_is_decided_as_replay_decides_it_with_the_same_warnings(rows: list[Any]) -> None:
    written = [",".join(cells) for cells in rows]
    topic = Topic()
    await topic.load(
        *(
            written
            or [
                "",
            ]
        )
    )
    fits, warnings = replayed(
        *(
            written
            or [
                "",
            ]
        )
    )
    assert decided(topic.made) == fits
    assert sorted(topic.warnings) == sorted(warnings)
    assert topic.made.accounts == len(fits)


@given(st.lists(_CELLS, max_size=5), st.lists(_CELLS, max_size=5))
@settings(max_examples=100)
async def test_a_merge_of_files_about_different_accounts_is_a_load_of_both(old: list[Any], new: list[Any]) -> None:
    """But for numbers: how a column reads 1.200, each file decides for its own rows."""
    plain = [[cells[0], "300", *cells[2:]] for cells in old]
    named = {cells[0].replace("https://www.A.com/x", "a.com") for cells in new}
    before = [",".join(cells) for cells in plain if cells[0].replace("https://www.A.com/x", "a.com") not in named]
    after = [",".join([cells[0], "100", *cells[2:]]) for cells in new]
    merged, whole = Topic(), Topic()
    await merged.load(*(before or ["no"]))
    await merged.load(*(after or ["no"]), merge=True)
    await whole.load(*(before + after or ["no"]))
    assert merged.accounts == whole.accounts


async def test_only_what_changed_is_written_and_who_left_gets_a_tombstone() -> None:
    topic = Topic()
    assert {one.account for one in await topic.load("a.com,300", "bb.com,300", "c.com,300")} == {
        "a.com",
        "bb.com",
        "c.com",
    }
    assert await topic.load("c.com,300", "a.com,300", "bb.com,300") == [], "the order of rows means nothing"
    written = dict(await topic.load("a.com,300", "bb.com,1"))
    assert written.keys() == {"bb.com", "c.com"}
    assert written["c.com"] is None
    assert json.loads(written["bb.com"] or b"")["columns"] == {"Domain": "bb.com", "size": "1"}


async def test_accounts_can_be_removed_and_their_children_learn_of_it() -> None:
    topic = Topic()
    await topic.load("a.com,,,,,,,customer", "bb.com,,,,,,,,a.com", "c.com")
    assert topic.accounts["bb.com"].parent_relation == "customer"
    written = await topic.load(merge=True, removed=frozenset({"a.com", "nobody.com"}))
    assert [one.account for one in written if one.value is None] == ["a.com"]
    assert {one.account for one in written} == {"a.com", "bb.com"}
    assert topic.accounts["bb.com"].parent_relation is None
    assert topic.made.accounts == 2


async def test_a_merge_that_forbids_contact_with_a_parent_holds_for_children_loaded_before() -> None:
    topic = Topic()
    await topic.load("a.com", "bb.com,,,,,,,,a.com", "c.com,,,,,,,,bb.com", "d.com")
    written = await topic.load("a.com,,,,,,,do_not_contact", merge=True)
    assert {one.account for one in written} == {"a.com", "bb.com", "c.com"}
    assert {name for name, row in topic.accounts.items() if row.relation_in_force == DO_NOT_CONTACT} == {
        "a.com",
        "bb.com",
        "c.com",
    }


async def test_the_crm_ids_of_further_rows_are_kept() -> None:
    topic = Topic()
    await topic.load("a.com,,,,,7,,,,true", "a.com,,,,,9", "a.com,,,,,8", "bb.com,,,,,1")
    assert (topic.accounts["a.com"].carried["crm_id"], topic.accounts["a.com"].others) == ("7", ("8", "9"))
    assert topic.accounts["bb.com"].others == ()


async def test_a_file_that_changes_while_it_is_read_is_not_loaded() -> None:
    files = iter([csv("a.com", whole=True), csv("a.com", "b.com", whole=True)])
    with pytest.raises(AccountsChanged, match=r"a\.csv: was changed while it was read"):
        await new_accounts(
            LoadSource(lambda: next(files)), ICPS, SpoolPlace(MemorySpool(), 2, partition_of), None, lambda _: None
        )


async def test_a_row_that_no_record_can_hold_is_named_by_its_line() -> None:
    line = json.dumps({"domain": "a.com", "notes": "x" * MAX_ROW_BYTES}).encode()
    source = LoadSource(lambda: read_json_lines("a.jsonl", [b"", line], asked(ICPS), whole=True))
    with pytest.raises(RowTooLarge, match=r"^a\.jsonl:2: a\.com: its row has 900,\d+ bytes"):
        await new_accounts(source, ICPS, SpoolPlace(MemorySpool(), 2, partition_of), None, lambda _: None)


async def test_all_columns_are_kept_also_those_that_no_icp_asks_of_yet() -> None:
    topic = Topic()
    source = LoadSource(lambda: read_csv("a.csv", ["domain,later,none\n", "a.com,x; y,\n"], (), whole=True))
    topic.made = await new_accounts(source, (), SpoolPlace(MemorySpool(), 2, partition_of), None, lambda _: None)
    (written,) = [*await topic.made.changed(0, topic.kept(0)), *await topic.made.changed(1, topic.kept(1))]
    assert json.loads(written.value or b"")["columns"] == {"domain": "a.com", "later": "x; y"}


async def test_a_merge_refuses_where_it_could_not_keep_a_row() -> None:
    """A row that is not kept gets a tombstone."""
    topic = Topic()
    await topic.load("a.com,,,,,,,,,,", "b.com,,,,,,,,,,")
    topic.records[partition_of("b.com")].append(LoadedRecord("b.com", b'{"format":99,"account_id":"b.com"}'))
    with pytest.raises(LoadedRowUnreadable, match=r"^b\.com: this release cannot read the row that is loaded"):
        await topic.load("cc.com,,,,,,,,,,", merge=True)
    await topic.load("b.com,,,,,,,,,,", merge=True)  # it is written anew, so nothing is lost


async def test_accounts_to_be_removed_that_were_never_loaded_are_said() -> None:
    topic = Topic()
    await topic.load("a.com,,,,,,,,,,")
    topic.warnings.clear()
    assert await topic.load(merge=True, removed=frozenset({"a.com", "typo.com"})) == [LoadedRecord("a.com", None)]
    assert topic.warnings == ["accounts to be removed that were not loaded: 1, such as typo.com"]
