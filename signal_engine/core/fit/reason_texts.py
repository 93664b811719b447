"""The sentences by which a decision says which must-have an account misses, written and read back.

Live state keeps decisions with these sentences, not the fields of accounts; reports read the criterion out of them.
"""

from typing import Final, NamedTuple

_FAILS: Final = ", but the profile requires that it "
_MISSING: Final = " is missing (required: "
_UNREADABLE: Final = " cannot be compared (required: "
_IS: Final = " is "
LOWEST_TIER: Final = "is below the lowest tier"


class MissedMustHave(NamedTuple):
    """A must-have that an account misses, without the account's own value."""

    field: str
    """The column that it asks of."""
    words: str
    """`is at least 200`."""


def failing_text(field: str, shown: str, words: str) -> str:
    """An account whose `shown` value does not meet a must-have."""
    return f"{field}{_IS}{shown}{_FAILS}{words}"


def missing_text(field: str, words: str) -> str:
    """An account without a value for a must-have."""
    return f"{field}{_MISSING}{words})"


def unreadable_text(field: str, shown: str, words: str) -> str:
    """An account whose `shown` value cannot be compared."""
    return f"{field} {shown!r}{_UNREADABLE}{words})"


def failing_in(reason: str) -> MissedMustHave | None:
    """The must-have in a sentence of `failing_text`; None if it is another one."""
    told, found, words = reason.rpartition(_FAILS)
    field, named, _ = told.partition(_IS)
    return MissedMustHave(field, words) if found and named else None


def missing_in(reason: str) -> str:
    """The field in a sentence of `missing_text` or `unreadable_text`; what it begins with in any other."""
    told, unreadable, _ = reason.rpartition(_UNREADABLE)
    if unreadable:
        return min(told.partition(f" {quote}")[0] for quote in "'\"")
    return reason.partition(_MISSING)[0]
