"""What becomes of a row: every row is one of these, so that rows in = mapped + passed over + refused."""

import re
from typing import Any, Final, NamedTuple, TypeAlias

_FOOTER: Final = re.compile(
    r"(?:grand |sub)?totals?|(?:grand |sub)?totals? \([\d.,]+ records?\)|sum(?:me)?|gesamt(?:summe|ergebnis)?"
    r"|total g.n.ral|confidential information\b.*|copyright (?:\(c\)|\N{COPYRIGHT SIGN}).*|.*\ball rights reserved\.?"
    r"|generated (?:by|on|at)\b.*|(?:report )?exported (?:by|on|at)\b.*|as of \d.*|filtered by\b.*",
    re.IGNORECASE,
)


class EventLine(NamedTuple):
    """One event, as a line of an event file."""

    account: str
    kind: str
    event_id: str
    occurred_at: int
    """ms."""
    line: bytes
    """JSON, without the end of the line."""


class Mapped(NamedTuple):
    """A row that gave events."""

    events: tuple[EventLine, ...]


class AccountRecord(NamedTuple):
    """A row that names an account."""

    fields: dict[str, Any]
    """By the names of an accounts file, `account_id` among them."""


class PassedOverRow(NamedTuple):
    """A row that is not meant: its conditions do not hold, or it is a footer."""

    reason: str


class RefusedRow(NamedTuple):
    """A row that cannot be used until somebody mends it."""

    field: str
    """Of ours; empty where it is the row as a whole."""
    reason: str
    """Reads on from the place of the row."""


Outcome: TypeAlias = Mapped | AccountRecord | PassedOverRow | RefusedRow

CONDITION: Final = PassedOverRow("`when` does not hold")


def footer(text: str) -> PassedOverRow | None:
    """Of a row that names no account and begins with `text`: whether it is a total or a footer, by name."""
    return PassedOverRow(f"footer: {text[:60]}") if _FOOTER.fullmatch(text) else None
