"""The schemas that are published: valid, complete, and of one mind with `decode`."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from signal_engine.core.rules.events import Event
from signal_engine.core.rules.kinds import COMMON_FIELDS, KINDS, OWN_FIELDS
from signal_engine.wire.contracts.schemas import RULE_MODELS, schema_files
from signal_engine.wire.events.decode import SignalRecord, decode_lines, decode_records
from signal_engine.wire.events.examples import EVENTS
from signal_engine.wire.events.rejections import REASONS
from signal_engine.wire.instants import parse_instant
from signal_engine.wire.output.models import OUTPUT_MODELS

FILES = schema_files()
DOCUMENTS: dict[str, Any] = {name: json.loads(text) for name, text in FILES.items()}
SCHEMAS = sorted(name for name in DOCUMENTS if "$schema" in DOCUMENTS[name])
NOW = parse_instant("2026-03-03T00:00:00Z")


def valid(name: str, value: Any) -> bool:
    return Draft202012Validator(DOCUMENTS[f"{name}.json"], format_checker=Draft202012Validator.FORMAT_CHECKER).is_valid(
        value
    )


def accepted(kind: str, value: Any) -> bool:
    [verdict] = decode_records(kind, [SignalRecord(json.dumps(value).encode(), NOW)])
    return isinstance(verdict, Event) or verdict.reason != "schema"


def test_there_is_a_schema_for_everything_that_goes_in_and_out() -> None:
    records = ["account-action", "outcome", "routes", "sync", "fit-account", "fit-load", *RULE_MODELS]
    assert sorted(f"{name}.json" for name in [*KINDS, *records, *OUTPUT_MODELS]) == SCHEMAS


@pytest.mark.parametrize("name", SCHEMAS)
def test_a_schema_is_valid_and_says_what_it_is_of(name: str) -> None:
    schema = DOCUMENTS[name]
    Draft202012Validator.check_schema(schema)
    assert schema["$schema"] == Draft202012Validator.META_SCHEMA["$schema"]
    assert schema["title"]
    assert schema["description"]


@pytest.mark.parametrize("kind", KINDS)
def test_the_schema_of_a_kind_has_the_fields_that_a_scoring_file_may_name_and_describes_each(kind: str) -> None:
    properties = DOCUMENTS[f"{kind}.json"]["properties"]
    assert properties.keys() == COMMON_FIELDS | OWN_FIELDS[kind] | {"kind", "received_at"}
    assert all(field["description"] for field in properties.values())


def test_the_files_are_the_same_every_time_and_end_in_a_newline() -> None:
    assert schema_files() == FILES
    assert all(text.endswith(("}\n", "]\n")) for text in FILES.values())
    assert list(FILES) == sorted(FILES)


@pytest.mark.parametrize("kind", KINDS)
def test_every_example_is_valid_and_is_an_event(kind: str) -> None:
    examples = DOCUMENTS[f"examples/{kind}.json"]
    assert len(examples) >= 2
    for example in examples:
        assert valid(kind, example)
        [verdict] = decode_records(kind, [SignalRecord(json.dumps(example).encode(), NOW)])
        assert isinstance(verdict, Event)
    [line] = decode_lines([json.dumps(examples[0]).encode()])
    assert isinstance(line.verdict, Event)


def test_every_example_of_a_cloudevent_is_an_event() -> None:
    in_structured_mode = DOCUMENTS["examples/cloudevents-structured.json"]
    in_binary_mode = DOCUMENTS["examples/cloudevents-binary.json"]
    assert len(in_structured_mode) == len(in_binary_mode) == len(KINDS)
    for kind, whole, parted in zip(KINDS, in_structured_mode, in_binary_mode, strict=True):
        headers = [(name, text.encode()) for name, text in parted["headers"].items()]
        verdicts = decode_records(
            kind,
            [
                SignalRecord(json.dumps(whole).encode(), NOW),
                SignalRecord(json.dumps(parted["value"]).encode(), NOW, headers),
            ],
        )
        assert isinstance(verdicts[0], Event)
        assert verdicts[0] == verdicts[1]


def test_every_reference_of_the_asyncapi_document_leads_somewhere() -> None:
    document = DOCUMENTS["asyncapi.json"]
    assert document["asyncapi"] == "3.0.0"
    for reference in references(document):
        file, _, pointer = reference.partition("#")
        target = DOCUMENTS[file.removeprefix("./")] if file else document
        for part in pointer.split("/")[1:]:
            target = target[part]
        assert target


def test_the_asyncapi_document_tells_of_every_topic_and_every_schema() -> None:
    document = DOCUMENTS["asyncapi.json"]
    signals = {f"signals.{kind}" for kind in KINDS}
    outputs = {"priority.lists", "priority.accounts", "alerts", "signals.dlq", "account.actions"}
    loads = {"rules", "fit.accounts"}
    by_action = {action: set[str]() for action in ("receive", "send")}
    for operation in document["operations"].values():
        by_action[operation["action"]].add(operation["channel"]["$ref"].removeprefix("#/channels/"))
    assert by_action == {
        "receive": signals | loads | {"account.actions", "outcomes"},
        "send": outputs | loads | {"fit.history", "outcomes"},
    }
    assert document["channels"].keys() == signals | outputs | loads | {"fit.history", "outcomes"}
    files = {reference for reference in references(document) if reference.startswith("./")}
    assert files == {f"./{name}" for name in SCHEMAS} - {"./replay-result.json", "./routes.json", "./sync.json"}
    assert all(reason in json.dumps(document) for reason in REASONS)


def references(part: Any) -> list[str]:
    if isinstance(part, list):
        return [reference for element in part for reference in references(element)]
    if not isinstance(part, dict):
        return []
    found = [reference for element in part.values() for reference in references(element)]
    return [*found, part["$ref"]] if isinstance(part.get("$ref"), str) else found


VALUES = [
    *(None, "", "text", "x" * 65, "x" * 129, "x" * 201, "x" * 301, "ü" * 64),
    *(-1, 0, 1, 3.0, 2.5, 80, 101, 2**63 - 1, 2**63, 10**30, True, False),
    *("open", "closed", "vp", "adopted", "joined", "page_view", "https://acme.com/x", "ftp://acme.com", "http://"),
    *("2026-03-02T09:30:00Z", "2026-03-02T09:30:00.5+01:00", "2026-03-02T09:30:00", "2026-03-02", "1767225600"),
    *([], ["a"], ["a", 1], [None], {}, {"a": 1}),
]


@given(st.sampled_from(KINDS), st.data())
def test_schema_and_decode_are_of_one_mind(kind: str, data: st.DataObject) -> None:
    fields = sorted((COMMON_FIELDS | OWN_FIELDS[kind]) - {"account_id"})
    changes = data.draw(st.dictionaries(st.sampled_from(fields), st.sampled_from(VALUES), min_size=1, max_size=2))
    event = {**EVENTS[kind][0], **changes}
    assert valid(kind, event) == accepted(kind, event)


DIFFER = [
    ("an empty account is refused as `account`", {"account_id": ""}),
    ("another kind is refused as `kind_mismatch`", {"kind": "funding"}),
    ("a null kind is read as none", {"kind": None}),
]


@pytest.mark.parametrize("changes", [row[1] for row in DIFFER], ids=[row[0] for row in DIFFER])
def test_where_the_schema_is_stricter_it_is_on_purpose(changes: dict[str, Any]) -> None:
    event = {**EVENTS["intent"][0], **changes}
    assert not valid("intent", event)
    assert accepted("intent", event)
