"""Every kind of garbage among good lines: refused with the right reason, at its line, and nothing else changes."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.replay.comparing import replayed, written
from tests.replay.real_data import ICPS

GOOD: dict[str, Any] = {
    "kind": "intent",
    "event_id": "good",
    "account_id": "acme.com",
    "occurred_at": "2026-03-01T00:00:00Z",
    "topic": "crm",
    "score": 90,
}
SCORING: dict[str, Any] = {
    "kinds": {"intent": {"half_life_days": 14, "cap": 30, "facet": "topic", "facet_cap": 12, "rules": [{"points": 8}]}},
    "levels": {"hot": {"enter": 60, "exit": 50, "min_kinds": 1}, "warm": {"enter": 35, "exit": 28, "min_kinds": 1}},
    "lists": {"min_score": 1},
}


def but(**fields: Any) -> bytes:
    """The good event with some fields changed; None leaves a field out."""
    event = {**GOOD, "event_id": "bad", **fields}
    return json.dumps({name: value for name, value in event.items() if value is not None}).encode()


GARBAGE = [
    pytest.param(b"{", "not_json", id="a truncated object"),
    pytest.param(but()[:-20], "not_json", id="a line cut short"),
    pytest.param(but().replace(b"90", b"NaN"), "not_json", id="NaN is no JSON"),
    pytest.param(but().replace(b"90", b"1e400"), "not_json", id="a number that is no double"),
    pytest.param(but() + but(), "not_json", id="two objects on a line"),
    pytest.param(b"\xff\xfe\x00", "not_json", id="not UTF-8"),
    pytest.param(but().replace(b"crm", b"\\ud800"), "not_json", id="a lone surrogate"),
    pytest.param(b'{"a":' + b"[" * 1100 + b"]" * 1100 + b"}", "not_json", id="nesting without end"),
    pytest.param(b"[1, 2]", "schema", id="not an object"),
    pytest.param(b"null", "schema", id="null is JSON, but no event"),
    pytest.param(but(kind=None), "schema", id="no kind, which files need"),
    pytest.param(but(kind="weather"), "schema", id="an unknown kind"),
    pytest.param(but(event_id=None), "schema", id="no event_id"),
    pytest.param(but(event_id="x" * 129), "schema", id="an event_id too long"),
    pytest.param(but(event_id=7), "schema", id="an event_id that is a number"),
    pytest.param(but(score="90"), "schema", id="a number as text"),
    pytest.param(but(score=101), "schema", id="a score out of range"),
    pytest.param(but(score=True), "schema", id="true is no score"),
    pytest.param(but(confidence=1.5), "schema", id="a confidence above 1"),
    pytest.param(but(people=-1), "schema", id="fewer than no people"),
    pytest.param(but(people=10**30), "schema", id="more people than a number holds"),
    pytest.param(but(source_url="javascript:alert(1)"), "schema", id="a link that is not http"),
    pytest.param(but(occurred_at=1767225600), "schema", id="epoch seconds"),
    pytest.param(but(occurred_at="1767225600000"), "schema", id="epoch milliseconds as text"),
    pytest.param(but(occurred_at="2026-03-01"), "schema", id="a date without a time"),
    pytest.param(but(occurred_at="2026-03-01T00:00:00"), "schema", id="a time without a zone"),
    pytest.param(but(occurred_at="2026-02-30T00:00:00Z"), "schema", id="a day that never was"),
    pytest.param(but(received_at="soon"), "schema", id="an arrival that cannot be read"),
    pytest.param(but(account_id=""), "account", id="an empty account"),
    pytest.param(but(account_id="localhost"), "account", id="a single label"),
    pytest.param(but(account_id="192.168.1.7"), "account", id="an IPv4 address"),
    pytest.param(but(account_id="http://[::1]:80/"), "account", id="an IPv6 address"),
    pytest.param(but(account_id="co.uk"), "account", id="a public suffix"),
    pytest.param(but(account_id="github.io"), "account", id="a private suffix"),
    pytest.param(but(account_id="gmail.com"), "account", id="a mail provider"),
    pytest.param(but(account_id="acme.internal"), "account", id="a suffix nobody can register under"),
    pytest.param(but(account_id="jane.doe@acme.com"), "account", id="an e-mail address"),
    pytest.param(but(account_id="a b.com"), "account", id="a blank inside a domain"),
    pytest.param(
        but(received_at="2026-02-28T23:54:59Z"), "future", id="happened more than five minutes after it arrived"
    ),
    pytest.param(but(pad="x" * 65_536), "too_large", id="larger than 64 KiB"),
]


@pytest.mark.parametrize(("line", "reason"), GARBAGE)
def test_garbage_is_refused_with_its_reason_at_its_line(line: bytes, reason: str, tmp_path: Path) -> None:
    (tmp_path / "accounts.csv").write_text("account_id,name\nacme.com,Acme\n")
    files = written(tmp_path, SCORING, ICPS[:1], tmp_path / "accounts.csv")
    good = json.dumps(GOOD).encode()
    result = replayed(files, [line, good, b"", line], tmp_path)
    assert [(refused["line"], refused["reason"]) for refused in result["rejected"]] == [(1, reason), (4, reason)]
    counts = {"received": 3, "applied": 1, "duplicate": 0, "ignored": 0, "expired": 0, "rejected": 2}
    assert result["counts"] == counts
    assert result["lists"]["all"] == replayed(files, [good], tmp_path)["lists"]["all"]


def test_no_detail_shows_a_value(tmp_path: Path) -> None:
    (tmp_path / "accounts.csv").write_text("account_id\nacme.com\n")
    files = written(tmp_path, SCORING, ICPS[:1], tmp_path / "accounts.csv")
    secret = "jane.doe@example.com"
    lines = [but(**{field: secret}) for field in ("account_id", "occurred_at", "score", "confidence", "kind")]
    lines.append(but(kind="engagement", activity=secret, person_id=secret, persona="x" * 65 + secret))
    result = replayed(files, lines, tmp_path)
    assert result["counts"]["rejected"] == len(lines)
    assert "jane" not in json.dumps(result["rejected"])


def test_lines_after_until_are_passed_over_valid_or_not_but_not_those_without_an_instant(tmp_path: Path) -> None:
    (tmp_path / "accounts.csv").write_text("account_id\nacme.com\n")
    files = written(tmp_path, SCORING, ICPS[:1], tmp_path / "accounts.csv")
    late = "2026-03-02T00:00:00Z"
    lines = [
        but(event_id="in time"),
        but(event_id="late", occurred_at=late),
        but(score="broken in time"),
        but(score="broken late", occurred_at=late),
        but(score="arrived late", received_at=late),
        but(score="broken early, arrived in time", occurred_at=late, received_at="2026-03-01T00:00:00Z"),
        but(occurred_at="no instant"),
        b"no json",
    ]
    result = replayed(files, lines, tmp_path, until="2026-03-01T12:00:00Z")
    assert [refused["line"] for refused in result["rejected"]] == [3, 6, 7, 8]
    assert result["counts"]["received"] == 5
    assert result["until"] == "2026-03-01T12:00:00Z"
