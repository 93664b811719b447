"""Aliases in an accounts file: one owner each, no account among them, and the same by a load as by a replay."""

import asyncio
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from signal_engine.core.rules.relations import DO_NOT_CONTACT
from signal_engine.engine.fit.loading import LoadSource, SpoolPlace, new_accounts
from signal_engine.engine.fit.table import AccountTable, account_table
from signal_engine.wire.accounts.row_record import read_row
from signal_engine.wire.config.accounts_file import AccountsFile, AccountsFileError, read_csv, read_json_lines
from tests.build import icp
from tests.engine.fit.test_loading import MemorySpool, Topic, partition_of

SAAS = icp("saas", base=85)
HEADER = "domain,name,aliases,parent,relation"


def csv(*rows: str, header: str = HEADER, whole: bool = False) -> AccountsFile:
    return read_csv("a.csv", [f"{line}\n" for line in (header, *rows)], whole=whole)


def table(*rows: str, header: str = HEADER) -> tuple[AccountTable, list[str]]:
    warnings: list[str] = []
    return account_table(csv(*rows, header=header), [SAAS], warnings.append), warnings


class Accounts(Topic):
    """Loads of files with aliases."""

    async def load(self, *rows: str, merge: bool = False, removed: frozenset[str] = frozenset()) -> Any:
        source = LoadSource((lambda: csv(*rows, whole=True)) if rows else None, removed, merge)
        place = SpoolPlace(MemorySpool(), 2, partition_of)
        self.made = await new_accounts(source, [SAAS], place, self.kept, self.warnings.append)
        for number in (0, 1):
            self.records[number] += await self.made.changed(number, self.kept(number))
        return self.made


def test_one_column_or_both_name_aliases_in_any_spelling() -> None:
    found, warnings = table(
        "acme.com,https://www.Acme.de/x; ACME.fr,acme.de;;acme.io", header="domain,Aliases,Other Domains"
    )
    assert found.aliases == {"acme.de": "acme.com", "acme.fr": "acme.com", "acme.io": "acme.com"}
    assert warnings == []


def test_json_lines_name_them_as_a_list() -> None:
    lines = [b'{"domain": "acme.com", "aliases": ["acme.de", "acme.fr"]}', b'{"domain": "beta.com", "aliases": null}']
    found = account_table(read_json_lines("a.jsonl", lines), [SAAS], pytest.fail)
    assert found.aliases == {"acme.de": "acme.com", "acme.fr": "acme.com"}


def test_rows_of_one_account_name_its_aliases_together() -> None:
    found, _ = table("acme.com,A,acme.de,,", "acme.com,A,acme.fr; acme.de,,")
    assert found.aliases == {"acme.de": "acme.com", "acme.fr": "acme.com"}


def test_what_names_no_company_is_no_alias_and_is_said_by_line() -> None:
    found, warnings = table("acme.com,A,co.uk,,", "beta.com,B,gmail.com; beta.io,,", "c.com,C,linkedin.com; 10.1.2.3,,")
    assert found.aliases == {"beta.io": "beta.com"}
    (said,) = warnings
    assert said == (
        "a.csv: column aliases: 4 values are no company's domain (or a shared host, or a mail provider's); no alias is"
        " made of it (lines 2, 3, 4, ...)"
    )


def test_an_alias_that_is_its_own_account_is_dropped_and_counted() -> None:
    found, warnings = table("acme.com,A,www.acme.com; acme.de,,", "beta.com,B,beta.com,,")
    assert found.aliases == {"acme.de": "acme.com"}
    assert warnings == ["a.csv: 2 aliases are the account's own domain and passed over"]
    assert table("beta.com,B,beta.com,,")[1] == ["a.csv: 1 alias is the account's own domain and passed over"]


ONE = ": a domain has one owner"
NOT_BOTH = "as an account: it cannot be both"
BEFORE = "in what was loaded before"
TWO_OWNERS = f"a.csv:4: acme.de is named as an alias of beta.com, and in line 2 as one of acme.com{ONE}"
BOTH = f"a.csv:2: acme.de is named as an alias of acme.com, and in line 3 {NOT_BOTH}"


async def test_two_owners_or_an_account_as_an_alias_is_an_error_with_both_lines() -> None:
    for rows, message in (
        (("acme.com,A,acme.de,,", "c.com,C,,,", "beta.com,B,acme.de,,"), TWO_OWNERS),
        (("acme.com,A,acme.de,,", "www.acme.de,D,,,"), BOTH),
    ):
        with pytest.raises(AccountsFileError) as of_table:
            table(*rows)
        assert str(of_table.value) == message
        with pytest.raises(AccountsFileError) as of_load:
            await Accounts().load(*rows)
        assert str(of_load.value) == message


def test_so_many_conflicts_are_named_and_the_others_counted() -> None:
    rows = [f"a{n}.com,A,x{n}.de,," for n in range(23)] + [f"x{n}.de,X,,," for n in range(23)]
    with pytest.raises(AccountsFileError) as found:
        table(*rows)
    lines = str(found.value).splitlines()
    assert (len(lines), lines[-1]) == (21, "a.csv: 3 more aliases are in conflict")


async def test_a_merge_is_held_against_what_was_loaded_before() -> None:
    accounts = Accounts()
    await accounts.load("acme.com,A,acme.de,,", "beta.com,B,,,")
    assert (await accounts.load("c.com,C,c.io,,", merge=True)).aliases == {"acme.de": "acme.com", "c.io": "c.com"}
    refused = {
        "d.com,D,acme.de,,": f"acme.de is named as an alias of d.com, and {BEFORE} as one of acme.com{ONE}",
        "d.com,D,beta.com,,": f"beta.com is named as an alias of d.com, and {BEFORE} {NOT_BOTH}",
        "acme.de,D,,,": f"acme.de is named as an alias of acme.com {BEFORE}, and in line 2 {NOT_BOTH}",
    }
    for row, message in refused.items():
        with pytest.raises(AccountsFileError) as found:
            await accounts.load(row, merge=True)
        assert str(found.value) == f"a.csv:2: {message}"
    left = await accounts.load("acme.com,A,,,", merge=True)
    assert left.aliases == {"c.io": "c.com"}, "the row of a merge replaces the row of before"
    gone = await accounts.load(removed=frozenset(["c.com"]), merge=True)
    assert gone.aliases == {}


async def test_a_parent_named_by_an_alias_is_its_account() -> None:
    rows = ("child.com,C,,acme.de,", "acme.com,A,acme.de,acme.de,do_not_contact")
    found, _ = table(*rows)
    accounts = Accounts()
    await accounts.load(*rows)
    child, itself = accounts.accounts["child.com"], accounts.accounts["acme.com"]
    assert (child.parent, child.relation_in_force, itself.parent) == ("acme.com", DO_NOT_CONTACT, None)
    assert (found.fits["child.com"].parent, found.fits["child.com"].relation) == ("acme.com", DO_NOT_CONTACT)
    assert found.fits["acme.com"].parent is None


def table_or_refusal(lines: list[str]) -> tuple[AccountTable | None, str]:
    try:
        return table(*lines)[0], ""
    except AccountsFileError as error:
        return None, str(error)


NAMES = ("a.com", "b.com", "cc.com")
CELLS = st.tuples(st.sampled_from(NAMES), st.lists(st.sampled_from(("x.de", "yy.de", "zz.io", *NAMES)), max_size=3))


@settings(max_examples=200)
@given(st.lists(CELLS, min_size=1, max_size=5))
def test_a_load_makes_the_map_of_a_replay_or_refuses_with_it_and_no_alias_is_an_account(
    rows: list[tuple[str, list[str]]],
) -> None:
    lines = [f"{account},N,{';'.join(aliases)},," for account, aliases in rows]
    expected, refused = table_or_refusal(lines)
    if expected is None:
        with pytest.raises(AccountsFileError) as found:
            asyncio.run(Accounts().load(*lines))
        assert str(found.value) == refused
        return
    accounts = Accounts()
    made = asyncio.run(accounts.load(*lines))
    assert made.aliases == expected.aliases
    assert not expected.aliases.keys() & expected.fits.keys()
    assert set(expected.aliases.values()) <= expected.fits.keys()
    kept = {alias: row.account for row in accounts.accounts.values() for alias in row.aliases}
    assert kept == expected.aliases
    records = [record.value for number in (0, 1) for record in accounts.records[number]]
    assert all(read_row(value) for value in records if value is not None)
