"""The accounts that hooks look up: whatever is loaded, changed and removed, what is found is what is loaded now."""

from collections import defaultdict
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signal_engine.engine.intake.company_names import NoCompany, accounts_by_id
from signal_engine.engine.intake.requests.known_accounts import KnownAccounts
from signal_engine.engine.ports.loaded_accounts import LoadedRecord
from signal_engine.wire.accounts.row_record import LoadedAccount, write_row
from signal_engine.wire.config.account_columns import CARRIED

ACCOUNTS = ("acme.com", "acme.de", "b.com", "gmail.com")
NAMES = ("Acme Inc.", "ACME", "Bee & Co. KG", "Ltd", None)
IDS = ("1", "2", "3")


def row(account: str, name: str | None = None, id_: str | None = None, others: tuple[str, ...] = ()) -> LoadedRecord:
    carried: dict[str, str | None] = {**dict.fromkeys(CARRIED), "name": name, "crm_id": id_}
    return LoadedRecord(account, write_row(LoadedAccount(account, {}, carried, others=others)))


def known(*records: LoadedRecord, **asked: bool) -> KnownAccounts:
    made = KnownAccounts(**(asked or {"by_name": True, "by_id": True}))
    assert [made.take(one) for one in records] == [None] * len(records)
    return made


RECORDS = st.lists(
    st.builds(LoadedRecord, st.sampled_from(ACCOUNTS), st.none())
    | st.builds(
        row,
        st.sampled_from(ACCOUNTS),
        st.sampled_from(NAMES),
        st.sampled_from((*IDS, None)),
        st.sets(st.sampled_from(IDS)).map(lambda some: tuple(sorted(some))),
    ),
    max_size=12,
)


@given(RECORDS)
def test_what_is_found_is_what_a_process_finds_that_starts_now(records: list[LoadedRecord]) -> None:
    followed = known(*records)
    latest = {one.account: one for one in records}
    anew = known(*(one for one in latest.values() if one.value is not None))
    for name in filter(None, NAMES):
        assert followed.names.account(name) == anew.names.account(name)
    for id_ in IDS:
        assert followed.ids.account(id_) == anew.ids.account(id_)
    assert followed.mail_providers == anew.mail_providers
    assert followed.__dict__["_keys"] == anew.__dict__["_keys"], "nothing of what has left is kept"


def test_a_name_is_the_same_but_for_legal_form_case_and_punctuation() -> None:
    made = known(row("acme.com", "The Acme, Inc."))
    assert made.names.account("ACME GmbH") == "acme.com"
    assert made.names.account("Acme Labs") == NoCompany("is the name of no account in the accounts file")


def test_several_accounts_of_a_name_or_an_id_are_no_answer() -> None:
    made = known(row("acme.com", "Acme", "7"), row("acme.de", "Acme GmbH", "8", ("7",)))
    assert made.names.account("acme") == NoCompany("is the name of several accounts: acme.com, acme.de")
    assert made.ids.account("7") == NoCompany("is the id of several accounts: acme.com, acme.de")
    assert made.ids.account("8") == "acme.de"


def test_what_nobody_looks_up_is_not_kept() -> None:
    made = known(row("acme.com", "Acme", "7"), row("gmail.com", "Gmail"), by_name=False)
    assert (made.__dict__["_keys"], made.mail_providers) == ({}, {"gmail.com"})


@pytest.mark.parametrize("value", [b"oops", b"{}", b"[]"])
def test_a_record_that_cannot_be_read_is_told_and_its_account_not_found(value: bytes) -> None:
    made = known(row("acme.com", "Acme", "7"))
    refused = made.take(LoadedRecord("acme.com", value))
    assert refused is not None
    assert isinstance(made.names.account("Acme"), NoCompany)
    assert isinstance(made.ids.account("7"), NoCompany)


def test_whoever_forgets_knows_nothing() -> None:
    made = known(row("acme.com", "Acme", "7"), row("gmail.com", "Gmail"))
    made.is_whole = True
    made.forget()
    assert (made.is_whole, made.mail_providers) == (False, set())
    assert isinstance(made.names.account("Acme"), NoCompany)


@given(st.lists(st.tuples(st.sampled_from(IDS), st.sampled_from(ACCOUNTS)), max_size=8))
def test_the_id_of_one_account_alone_is_its_id(told: list[tuple[str, str]]) -> None:
    of: dict[str, set[str]] = defaultdict(set)
    for id_, account in told:
        of[id_].add(account)
    made: Any = accounts_by_id(told)
    assert {id_ for id_ in IDS if isinstance(made.account(id_), str)} == {id_ for id_ in IDS if len(of[id_]) == 1}
