"""Ids for events that have none: the same facts give the same id, so a second import changes nothing."""

import unicodedata
from collections.abc import Sequence
from hashlib import sha256
from typing import Any, Final

import orjson

from signal_engine.core.rules.instants import DAY
from signal_engine.wire.events.models import MAX_ID_LENGTH
from signal_engine.wire.instants import format_instant

_FIRST_MONDAY_MS: Final = 4 * DAY
"""1970-01-05, in ms."""


def natural_id(scope: str, kind: str, account: str, values: Sequence[str]) -> str:
    """The SHA-256 of [scope, kind, account, values] as JSON, in hexadecimal."""
    return sha256(orjson.dumps([scope, kind, account, values])).hexdigest()


def given_id(text: str) -> str:
    """The sender's id; hashed if it is too long for an event id."""
    return text if len(text) <= MAX_ID_LENGTH else f"sha256:{sha256(text.encode()).hexdigest()}"


def canonical(value: Any) -> str:
    """A value as canonical text: regardless of case, blanks, composed letters, and 5 or 5.0."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return str(int(value)) if value == int(value) else repr(value)
    if isinstance(value, str):
        return " ".join(unicodedata.normalize("NFC", value).casefold().split())
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS).decode()


def bucket(instant: int, size: str | int) -> str:
    """The start of the bucket of an instant (ms): a calendar unit in UTC, or `size` ms counted from 1970.

    Weeks begin on Monday. Instants on both sides of a boundary have different buckets, however close they are.
    """
    if isinstance(size, int):
        return format_instant(instant // size * size)
    if size == "week":
        return format_instant((instant - _FIRST_MONDAY_MS) // (7 * DAY) * (7 * DAY) + _FIRST_MONDAY_MS)[:10]
    day = format_instant(instant)[:10]
    if size == "quarter":
        return f"{day[:4]}-Q{(int(day[5:7]) + 2) // 3}"
    return day if size == "day" else day[:7]
