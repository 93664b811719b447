"""The outcomes of a row: each row has one, so that rows = mapped + passed over + refused."""

import re
from collections.abc import Sequence
from typing import Any, Final, NamedTuple, TypeAlias

from signal_engine.core.rules.predicates import Predicate
from signal_engine.wire.events.decode import BACKFILL

_FOOTER: Final = re.compile(
    r"(?:grand |sub)?totals?|(?:grand |sub)?totals? \([\d.,]+ records?\)|sum(?:me)?|gesamt(?:summe|ergebnis)?"
    r"|total g.n.ral|confidential information\b.*|copyright (?:\(c\)|\N{COPYRIGHT SIGN}).*|.*\ball rights reserved\.?"
    r"|generated (?:by|on|at)\b.*|(?:report )?exported (?:by|on|at)\b.*|as of \d.*|filtered by\b.*",
    re.IGNORECASE,
)
_BY_WHOM: Final = re.compile(r"(?<=\bby\b).+", re.IGNORECASE | re.DOTALL)
"""A person, or the filter of a report, which may name one: nothing that a message quotes."""
_BACKFILL: Final = f',"{BACKFILL}":true}}'.encode()
_ADDED_BYTES: Final = len(_BACKFILL) - 1


class EventLine(NamedTuple):
    """One event, or one outcome of a deal."""

    account: str
    kind: str
    """Of an outcome, `wire.intake.mapping.OUTCOMES`."""
    event_id: str
    occurred_at: int
    """ms."""
    value: bytes
    """Its JSON."""
    history: bool
    """Whether it is so old that its alerts are recorded, not sent."""
    is_dated: bool = True
    """Of a row of a state feed: whether it says itself since when it is so."""
    left_out: tuple["RefusedRow", ...] = ()
    """What the row says besides and cannot be used; no field is worth an outcome."""

    @property
    def line(self) -> bytes:
        """A line of an event file, without its end; history is marked there, too."""
        return self.value[:-1] + _BACKFILL if self.history else self.value

    @property
    def size(self) -> int:
        """Bytes of that line."""
        return len(self.value) + (_ADDED_BYTES if self.history else 0)


class Mapped(NamedTuple):
    """A row that gave events or outcomes."""

    events: tuple[EventLine, ...]
    doubt: str = ""
    """What looks as if the mapping did not understand the row; empty: nothing does."""


class AccountRecord(NamedTuple):
    """A row that names an account."""

    fields: dict[str, Any]
    """Field of an accounts file -> value, `account_id` included."""
    unread: tuple["RefusedRow", ...] = ()
    """Why cells cannot be read. No field is worth an account: they stay as they are, and readers of the field warn."""


class PassedOverRow(NamedTuple):
    """A row that the mapping does not cover: its conditions do not hold, or it is a footer."""

    reason: str


class RefusedRow(NamedTuple):
    """A row that cannot be used until someone fixes it."""

    field: str
    """The field of the event; empty if the row as a whole is refused."""
    reason: str
    """Why, in words that follow the place of the row."""


Outcome: TypeAlias = Mapped | AccountRecord | PassedOverRow | RefusedRow

CONDITION: Final = PassedOverRow("`when` does not hold")
STILL_OPEN: Final = PassedOverRow("is past its close date, and neither won nor lost by this mapping")
UNDATED: Final = PassedOverRow("has no date")
NOT_YET: Final = PassedOverRow("its day has not come yet (`days_before`)")


def unmet(when: Sequence[Predicate]) -> PassedOverRow:
    """Of a row for which `when` does not hold: with what it asks."""
    return PassedOverRow(f"{CONDITION.reason}: {' and '.join(f'{one.field} {one.words}' for one in when)}")


def footer(text: str) -> PassedOverRow | None:
    """Whether a row that names no account and begins with `text` is a total or a footer; which one."""
    return PassedOverRow(f"footer: {_BY_WHOM.sub('...', text)[:60]}") if _FOOTER.fullmatch(text) else None
