"""What should never come in and does: a seeded corpus of raw records, each with the reason for which it is refused.

Expectations are written here by hand, family by family; nothing of the package is asked.
"""

import json
import random
import string
from collections.abc import Callable
from typing import Any, Final, NamedTuple

from signal_engine.wire.instants import format_instant

SECRET: Final = "jane.doe-7731@private.example"
"""Stands in every field that can be personal: no detail and no log line may hold it."""
SURELY: Final = ("not_json", "schema", "kind_mismatch", "account", "future", "too_large")

_OWN: Final[dict[str, dict[str, Any]]] = {
    "intent": {"topic": "crm", "score": 82},
    "hiring": {"title": "VP Revenue", "seniority": "vp", "department": "sales"},
    "funding": {"round": "series_b", "amount_usd": 2e7, "investors": ["A", "B"]},
    "engagement": {"activity": "demo_request", "person_id": SECRET, "persona": "cfo"},
    "technographic": {"technology": "Snowflake", "change": "adopted"},
    "leadership": {"role": "CFO", "change": "joined", "level": "c_level", "person_id": SECRET},
}
_TEXT_FIELD: Final = {
    "intent": "topic",
    "hiring": "title",
    "funding": "round",
    "engagement": "persona",
    "technographic": "technology",
    "leadership": "role",
}
_ACCOUNTS: Final = (
    "", " ", ".", "..", "localhost", "10.1.2.3", "0x7f.1", "::1", "http://[::1]/", "co.uk", "github.io", "x.com",
    SECRET, "a b.com", "a..com", "-a.com", "x" * 64 + ".com", "x." * 200 + "com", "acme.internal", "https://", "\u202e",
    "\u200b", "xn--.com", "\u0000.com", "a\u0000b.com", "/", "acme", "mailto:x", "%61.com", "\ufffe.com",
)  # fmt: skip
_NOT_TIMES: Final = (
    1767225600, 1767225600000, "1767225600", "1767225600000", 0, -1, 1e300, True, "", "now", "2026-03-02",
    "2026-03-02T09:30:00", "2026-02-30T00:00:00Z", "2026-03-02T25:00:00Z", "0000-01-01T00:00:00Z", "20260302T093000Z",
    "2026-03-02T09:30:00+99:00", "10000-01-01T00:00:00Z", "2026-W10-1T00:00:00Z", ["2026-03-02T09:30:00Z"], {},
)  # fmt: skip
_FAR: Final = ("3201-01-01T00:00:00Z", "9999-12-31T23:59:59.999Z", "2999-02-28T12:00:00+14:00")
_LONG_AGO: Final = ("0001-01-01T00:00:00Z", "1969-12-31T23:59:59Z", "1970-01-01T00:00:00Z", "2001-02-28T00:00:00Z")
_ODD_TEXT: Final = (
    "\u202egnp.exe\u202c", "a\u200b\u200cb\ufeff", "\u0000", "\r\n\t", "=cmd|' /C calc'!A0", "\ud7ff\U0010ffff",
    "<script>alert(1)</script>", "[bold red]x[/]", "e\u0301" * 30, "\x1b[2J", "{}", "None",
)  # fmt: skip


class Bad(NamedTuple):
    """One record, and what must become of it."""

    kind: str
    key: bytes | None
    value: bytes | None
    headers: tuple[tuple[str, bytes | None], ...]
    reason: str | None
    """For which it must be refused; None: it is unusual and an event."""


def corpus(seed: int, count: int, now: int, largest: int = 70_000) -> list[Bad]:
    """`count` records over all kinds and families; `now` in ms; values of at most about `largest` bytes."""
    dice = random.Random(seed)
    made = []
    for number in range(count):
        kind = dice.choice(list(_OWN))
        family = _FAMILIES[number % len(_FAMILIES)]
        event = {
            "event_id": f"bad-{seed}-{number}",
            "account_id": f"{dice.choice(['odd', 'xodd'])}-{dice.randrange(40)}.com",
            "occurred_at": format_instant(now - dice.randrange(20 * 86_400_000)),
            "account_name": SECRET,
            **_OWN[kind],
        }
        value, reason = family(dice, kind, event)
        if value is not None and len(value) > 65_536:
            value, reason = value[:largest], "too_large"
        headers, reason = _headers(dice, reason)
        made.append(Bad(kind, dice.choice([None, b"", b"\x00\xff", b"key", SECRET.encode()]), value, headers, reason))
    return made


Made = tuple[bytes | None, str | None]


def _bytes(event: dict[str, Any]) -> bytes:
    return json.dumps(event, ensure_ascii=False).encode("utf-8", "surrogatepass")


def _cut(dice: random.Random, kind: str, event: dict[str, Any]) -> Made:
    whole = _bytes(event)
    return whole[: dice.randrange(len(whole) - 1)], "not_json"


def _noise(dice: random.Random, kind: str, event: dict[str, Any]) -> Made:
    return b"\xff" + dice.randbytes(dice.randrange(300)), "not_json"


def _nothing(dice: random.Random, kind: str, event: dict[str, Any]) -> Made:
    return dice.choice([None, b"", b" ", b"\n", b"\x00"]), "not_json"


def _other_json(dice: random.Random, kind: str, event: dict[str, Any]) -> Made:
    return dice.choice([b"null", b"[]", b"1", b'"x"', b"true", b"[" + _bytes(event) + b"]"]), "schema"


def _numbers(dice: random.Random, kind: str, event: dict[str, Any]) -> Made:
    word = dice.choice([b"NaN", b"Infinity", b"-Infinity", b"1e400", b"-1e999", b"0x10", b"01", b"1.", b".5", b"+1"])
    return _bytes(event)[:-1] + b', "confidence": ' + word + b"}", "not_json"


def _huge_integers(dice: random.Random, kind: str, event: dict[str, Any]) -> Made:
    digits = "".join(dice.choices(string.digits[1:], k=dice.choice([20, 30, 400])))
    if len(digits) == 400:
        return _bytes(event)[:-1] + f', "confidence": {digits}}}'.encode(), "not_json"
    return _bytes(event)[:-1] + f', "confidence": {dice.choice(["", "-"])}{digits}}}'.encode(), "schema"


def _equal_keys(dice: random.Random, kind: str, event: dict[str, Any]) -> Made:
    if dice.random() < 0.5:
        return _bytes(event)[:-1] + b', "event_id": "", "event_id": 7}', "schema"
    return b'{"event_id": 7, "confidence": "x", ' + _bytes({"confidence": 0.5, **event})[1:], None


def _nested(dice: random.Random, kind: str, event: dict[str, Any]) -> Made:
    depth = dice.choice([10, 500, 1_100, 20_000])
    opening, closing = dice.choice([(b"[", b"]"), (b'{"a":', b"}")])
    inner = opening * depth + b"1" + closing * depth
    return _bytes(event)[:-1] + b', "extra": ' + inner + b"}", "not_json" if depth > 1_024 else None


def _surrogates(dice: random.Random, kind: str, event: dict[str, Any]) -> Made:
    lone = dice.choice([b"\\ud800", b"\\udfff\\ud800", b"\xed\xa0\x80", b"\\ud83d", b"\xc0\xaf", b"\xf5\x80\x80\x80"])
    return _bytes(event)[:-1] + b', "extra": "' + lone + b'"}', "not_json"


def _after_the_end(dice: random.Random, kind: str, event: dict[str, Any]) -> Made:
    return _bytes(event) + dice.choice([b"x", b"\x00", b"{}", b",", b"]", b"\xef\xbb\xbf"]), "not_json"


def _required_null(dice: random.Random, kind: str, event: dict[str, Any]) -> Made:
    return _bytes({**event, dice.choice(["event_id", "account_id", "occurred_at"]): None}), "schema"


def _all_else_null(dice: random.Random, kind: str, event: dict[str, Any]) -> Made:
    return _bytes({**event, **dict.fromkeys(["confidence", "source", "detected_at", "kind", "x"])}), None


def _wrong_types(dice: random.Random, kind: str, event: dict[str, Any]) -> Made:
    field = dice.choice(["event_id", "account_id", "account_name", "source", _TEXT_FIELD[kind]])
    return _bytes({**event, field: dice.choice([7, 1.5, True, [SECRET], {"a": SECRET}])}), "schema"


def _personal(dice: random.Random, kind: str, event: dict[str, Any]) -> Made:
    field, wrong = dice.choice(
        [("confidence", SECRET), ("source", SECRET * 9), ("source_url", SECRET), ("event_id", SECRET * 9),
         ("detected_at", SECRET), ("occurred_at", SECRET), ("account_name", [SECRET])]
    )  # fmt: skip
    return _bytes({**event, field: wrong}), "schema"


def _not_times(dice: random.Random, kind: str, event: dict[str, Any]) -> Made:
    return _bytes({**event, dice.choice(["occurred_at", "detected_at"]): dice.choice(_NOT_TIMES)}), "schema"


def _future(dice: random.Random, kind: str, event: dict[str, Any]) -> Made:
    return _bytes({**event, "occurred_at": dice.choice(_FAR)}), "future"


def _long_ago(dice: random.Random, kind: str, event: dict[str, Any]) -> Made:
    return _bytes({**event, "occurred_at": dice.choice(_LONG_AGO), "detected_at": dice.choice(_FAR)}), None


def _accounts(dice: random.Random, kind: str, event: dict[str, Any]) -> Made:
    return _bytes({**event, "account_id": dice.choice(_ACCOUNTS)}), "account"


def _kinds(dice: random.Random, kind: str, event: dict[str, Any]) -> Made:
    return _bytes({**event, "kind": dice.choice(["weather", "", kind.upper(), 7, [kind], {kind: 1}])}), "kind_mismatch"


def _odd_text(dice: random.Random, kind: str, event: dict[str, Any]) -> Made:
    return _bytes({**event, _TEXT_FIELD[kind]: dice.choice(_ODD_TEXT), "account_name": dice.choice(_ODD_TEXT)}), None


def _large(dice: random.Random, kind: str, event: dict[str, Any]) -> Made:
    size = dice.choice([65_536, 65_537, 70_000])
    rest = size - len(_bytes({**event, "extra": ""}))
    return _bytes({**event, "extra": "x" * rest}), None if size == 65_536 else "too_large"


def _cloudevents(dice: random.Random, kind: str, event: dict[str, Any]) -> Made:
    wrong: dict[str, Any] = dice.choice(
        [{"specversion": "0.3"}, {"specversion": 1.0}, {"id": ""}, {"id": 7}, {"source": []}, {"data": [1]},
         {"datacontenttype": "text/xml"}, {"data_base64": "%%%"}, {"data": None, "data_base64": SECRET}]
    )  # fmt: skip
    envelope = {"specversion": "1.0", "id": "1", "source": "/x", "type": "x", "subject": event["account_id"]}
    data = {} if "data_base64" in wrong else event
    return _bytes({**envelope, "time": event["occurred_at"], "data": data, **wrong}), "schema"


_FAMILIES: Final[tuple[Callable[[random.Random, str, dict[str, Any]], Made], ...]] = (
    _cut, _noise, _nothing, _other_json, _numbers, _huge_integers, _equal_keys, _nested, _surrogates, _after_the_end,
    _required_null, _all_else_null, _wrong_types, _personal, _not_times, _future, _long_ago, _accounts, _kinds,
    _odd_text, _large, _cloudevents,
)  # fmt: skip


def _headers(dice: random.Random, reason: str | None) -> tuple[tuple[tuple[str, bytes | None], ...], str | None]:
    """Mostly none; odd ones, very many, or an origin that cannot be read and changes nothing."""
    chance = dice.random()
    if chance < 0.7:
        return (), reason
    if chance < 0.9:
        odd = (("trace", None), ("\u202e\u00fc", b"\xff"), ("", b""), ("dlq.reason", b"of an older letter"), ("n", b""))
        return tuple(dice.sample(odd, dice.randrange(1, 5))), reason
    if chance < 0.96:
        return tuple((f"h{n % 7}", dice.choice([None, b"x" * 9])) for n in range(1_000)), reason
    wrong = dice.choice([(("origin.offset", b"1"),), (("origin.topic", None),), (("origin.timestamp", b"\xff"),)])
    return wrong, reason
