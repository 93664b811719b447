"""Rows of `fit.accounts`: what is written is read back, and what ICP files ask is found in columns as written."""

import json
from datetime import date
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from signal_engine.core.rules.relations import DO_NOT_CONTACT
from signal_engine.wire.accounts.row_record import AskedFields, LoadedAccount, read_row, write_row
from signal_engine.wire.contracts.schemas import schema_files
from signal_engine.wire.events.rejections import Refusal

NOBODY = {"name": None, "segment": None, "owner": None, "sdr": None, "crm_id": None}
PLAIN = LoadedAccount("acme.com", {"Domain": "acme.com"}, NOBODY)
WHOLE = LoadedAccount(
    "acme.com",
    {"Domain": "acme.com", "Tech": "a; b", "Revenue": "1.200", "size": 12},
    {"name": "Acme", "segment": "mid", "owner": "dana", "sdr": "sam", "crm_id": "1"},
    True,
    "customer",
    "big.com",
    DO_NOT_CONTACT,
    ("2", "3"),
    {"Revenue": "thousands"},
    aliases=("acme.de", "acme.fr"),
)


@pytest.mark.parametrize("row", [PLAIN, WHOLE])
def test_what_is_written_is_read_back_and_has_the_schema(row: LoadedAccount) -> None:
    record = write_row(row)
    assert read_row(record) == row
    Draft202012Validator(json.loads(schema_files()["fit-account.json"])).validate(json.loads(record))


def test_a_date_is_written_as_text() -> None:
    read = read_row(write_row(PLAIN._replace(columns={"Since": date(2026, 3, 2)})))
    assert isinstance(read, LoadedAccount)
    assert read.columns == {"Since": "2026-03-02"}


def test_a_parent_that_must_not_be_contacted_holds_for_the_account() -> None:
    assert WHOLE.relation_in_force == DO_NOT_CONTACT
    assert WHOLE._replace(parent_relation="customer").relation_in_force == "customer"
    assert PLAIN.relation_in_force == "prospect"


@pytest.mark.parametrize(
    ("value", "told"),
    [
        (b"{", Refusal("not_json", "the value is not a JSON object")),
        (b"[]", "not_json"),
        (b"{}", "schema"),
        (json.dumps({**json.loads(write_row(PLAIN)), "format": 2}).encode(), "schema"),
        (json.dumps({**json.loads(write_row(PLAIN)), "later": 2}).encode(), "schema"),
        (json.dumps({**json.loads(write_row(PLAIN)), "relation": "friend"}).encode(), "schema"),
    ],
)
def test_what_is_no_row_is_refused(value: bytes, told: Any) -> None:
    read = read_row(value)
    assert isinstance(read, Refusal)
    assert told in {read, read.reason}


def test_fields_are_found_in_columns_as_they_are_written() -> None:
    asked = AskedFields(["tech", "revenue", "SIZE", "nowhere"], ["revenue"])
    assert asked.of(WHOLE) == {"tech": ["a", "b"], "revenue": 1200.0, "SIZE": 12}
    assert AskedFields(["revenue"], []).of(WHOLE) == {"revenue": "1.200"}, "nobody compares it with a number"


def test_a_field_that_two_columns_name_has_no_value() -> None:
    row = PLAIN._replace(columns={"Is Customer": "yes", "is_customer": "no", "size": 1})
    assert AskedFields(["is_customer", "size"], []).of(row) == {"size": 1}
