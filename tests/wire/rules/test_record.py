"""Records of `rules`: what is read, what is refused and why, and that what is written is read back."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from signal_engine.wire.contracts.schemas import RULE_MODELS, rule_schema, schema_files
from signal_engine.wire.events.rejections import Refusal
from signal_engine.wire.instants import parse_instant
from signal_engine.wire.rules.examples import (
    CURRENT_ICPS,
    CURRENT_SCORINGS,
    ICP_VERSIONS,
    SCORING_VERSIONS,
    WIRING_CONFIRMED,
)
from signal_engine.wire.rules.record import (
    CurrentIcps,
    CurrentScoring,
    IcpName,
    IcpVersion,
    Rule,
    ScoringVersion,
    Signed,
    WiringConfirmed,
    hash_of,
    read_rule,
)

SIGNED = Signed("dana@example.com", "They win.", parse_instant("2026-11-02T09:30:00Z"))
ICP = IcpVersion(IcpName("saas", 4, hash_of("icp: saas")), "saas.yaml", "icp: saas", SIGNED)
RULES: list[Rule] = [
    ICP,
    ICP._replace(rollback_to=2),
    ScoringVersion("2-3f2a9c1d", "9b1deb4d", "scoring.yaml", "version: 2", SIGNED),
    ScoringVersion("2-3f2a9c1d", "9b1deb4d", "scoring.yaml", "version: 2", SIGNED, "1-00000000"),
    CurrentIcps(3, (ICP.named, IcpName("fintech", 1, hash_of(""))), True, SIGNED),
    CurrentScoring(1, "2-3f2a9c1d", SIGNED._replace(by="first start")),
    WiringConfirmed("saas", 4, "content_plan", "sam@example.com", "Two pages less.", SIGNED.at),
]
EXAMPLES = {
    "icp-version": ("icp/midmarket-saas/4/", ICP_VERSIONS),
    "scoring-version": ("scoring/2-3f2a9c1d", SCORING_VERSIONS),
    "current-icp": ("current/icp", CURRENT_ICPS),
    "current-scoring": ("current/scoring", CURRENT_SCORINGS),
    "wiring-confirmed": ("wiring/midmarket-saas/4/cadence_list", WIRING_CONFIRMED),
}
_SYSTEMS = (
    "'crm_fields', 'crm_routing', 'paid_audience', 'cadence_list', 'content_plan', 'enablement_plays' or"
    " 'win_loss_targets'"
)


def read(rule: Rule, **changed: Any) -> Rule | Refusal:
    value = {**json.loads(rule.encode()), **changed}
    return read_rule(rule.key.encode(), json.dumps(value).encode())


def detail(told: Rule | Refusal) -> str:
    assert isinstance(told, Refusal)
    return told.detail


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: f"{rule.key}{getattr(rule, 'rollback_to', '')}")
def test_what_is_written_is_read_back_as_the_same(rule: Rule) -> None:
    assert read_rule(rule.key.encode(), rule.encode()) == rule


def test_there_is_an_example_of_each_and_it_is_read_and_has_the_schema() -> None:
    assert EXAMPLES.keys() == RULE_MODELS.keys()
    for name, (key, examples) in EXAMPLES.items():
        for example in examples:
            whole = key + example["hash"] if key.endswith("/") else key
            assert not isinstance(read_rule(whole.encode(), json.dumps(example).encode()), Refusal), name
            Draft202012Validator(rule_schema(name)).validate(example)
        assert f"examples/{name}.json" in schema_files()


@pytest.mark.parametrize(
    ("rule", "changed", "said"),
    [
        (ICP, {"format": 2}, "format must be one of 1"),
        (ICP, {"more": 1}, "more is not a known field"),
        (ICP, {"version": "4"}, "version must be a whole number"),
        (ICP, {"version": 0}, "version must be at least 1"),
        (ICP, {"version": 5}, f"the key must be icp/saas/5/{ICP.named.hash}, as the value says"),
        (ICP, {"text": "icp: other"}, "hash is not that of text"),
        (ICP, {"by": "Dana"}, "by is not valid"),
        (ICP, {"reason": ""}, "reason must have at least 1 character(s)"),
        (ICP, {"at": "yesterday"}, "at is not an RFC 3339 instant with a zone, such as 2016-03-05T09:30:00Z"),
        (RULES[4], {"icps": []}, "icps is not valid"),
        (RULES[5], {"publication": 0}, "publication must be at least 1"),
        (RULES[6], {"system": "crm"}, f"system must be one of {_SYSTEMS}"),
        (RULES[6], {"system": "crm_routing"}, "the key must be wiring/saas/4/crm_routing, as the value says"),
        (RULES[6], {"version": 0}, "version must be at least 1"),
        (RULES[6], {"by": "first start"}, "by must be an e-mail address"),
        (RULES[6], {"note": ""}, "note must have at least 1 character(s)"),
        (RULES[6], {"reason": "why"}, "reason is not a known field"),
    ],
)
def test_what_breaks_the_rules_is_refused_and_said(rule: Rule, changed: dict[str, Any], said: str) -> None:
    assert detail(read(rule, **changed)) == said


@pytest.mark.parametrize("key", [None, b"", b"other", b"current/fit", b"\xff"])
def test_a_key_that_nobody_knows_is_refused(key: bytes | None) -> None:
    assert detail(read_rule(key, ICP.encode())).startswith("the key is none of icp/, scoring/, current/icp")


def test_a_value_that_is_no_record_is_refused() -> None:
    key = ICP.key.encode()
    assert detail(read_rule(key, None)) == "the value is null: rules are never removed"
    assert detail(read_rule(key, b"{")) == "the value is not valid JSON"
    assert detail(read_rule(key, b" " * 1_000_001)) == "the value is larger than 1,000,000 bytes"
    assert isinstance(read_rule(key, b"[]"), Refusal)


@given(st.one_of(st.none(), st.binary(), st.sampled_from([rule.key.encode() for rule in RULES])), st.binary())
def test_no_bytes_make_it_raise(key: bytes | None, value: bytes) -> None:
    assert isinstance(read_rule(key, value), Refusal)


def test_a_file_of_the_largest_size_fits_into_a_record() -> None:
    text = "ä" * (256 * 1024 // 2)
    whole = ICP._replace(named=IcpName("saas", 4, hash_of(text)), text=text)
    assert read_rule(whole.key.encode(), whole.encode()) == whole
