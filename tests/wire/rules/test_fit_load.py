"""The record `fit`: what is written is read back, and what is only half understood is refused."""

import json
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from signal_engine.wire.contracts.schemas import schema_files
from signal_engine.wire.events.rejections import Refusal
from signal_engine.wire.rules.fit_load import AccountsLoad, LoadedIcp, read_fit_load, write_fit_load
from tests.build import T0

PLAIN = AccountsLoad(1, T0, 2, (3, 0))
WHOLE = AccountsLoad(7, T0, 9, (12,), True, (("revenue", "thousands"),), (LoadedIcp("b2b.yaml", "icp: b2b\n"),), 3)


@pytest.mark.parametrize("load", [PLAIN, WHOLE])
def test_what_is_written_is_read_back_and_has_the_schema(load: AccountsLoad) -> None:
    record = write_fit_load(load)
    assert read_fit_load(record) == load
    Draft202012Validator(json.loads(schema_files()["fit-load.json"])).validate(json.loads(record))


@pytest.mark.parametrize(
    ("changed", "detail"),
    [
        ({"format": 2}, "format"),
        ({"later": 1}, "later"),
        ({"load": 0}, "load"),
        ({"ends": []}, "ends"),
        ({"ends": [-1]}, "ends"),
        ({"at": "yesterday"}, "at "),
        ({"quiet": 1}, "quiet"),
        ({"accounts": None}, "accounts is missing"),
    ],
)
def test_a_record_that_is_only_half_understood_is_refused(changed: dict[str, Any], detail: str) -> None:
    told = read_fit_load(json.dumps({**json.loads(write_fit_load(PLAIN)), **changed}).encode())
    assert isinstance(told, Refusal)
    assert told.reason == "schema"
    assert detail in told.detail


@pytest.mark.parametrize("value", [None, b"", b"{", b"\xff"])
def test_what_is_no_object_is_refused(value: bytes | None) -> None:
    told = read_fit_load(value)
    assert isinstance(told, Refusal)
    assert told.reason == "not_json"
