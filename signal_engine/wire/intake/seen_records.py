"""What a state feed showed last, as records of the topic `feeds.seen` and as lines of a file, and back."""

from typing import Any, Final, NamedTuple

import orjson

_VERSION: Final = 1


class SeenState(NamedTuple):
    """One row of a feed, as it was seen last."""

    appearance: int
    """The how manieth time it is (or was) there, from 1: a job that opens again is another event."""
    event: dict[str, Any] | None
    """The fields of its event while it is there; None once it is gone."""
    gone_at: int = 0
    """ms. When it was found gone."""


class SeenRecord(NamedTuple):
    """What is kept of one row, or that an account has been looked at."""

    feed: str
    account: str
    item: str
    """What the row is known by; empty: this account's rows are all kept, so that what is new is news."""
    state: SeenState | None
    """None for an account, and for a row that is forgotten."""

    @property
    def key(self) -> bytes:
        """A newer record of the same key replaces it."""
        return orjson.dumps([self.feed, self.account, self.item])

    @property
    def value(self) -> bytes | None:
        """None: the key is forgotten."""
        if self.state is None:
            return None if self.item else orjson.dumps({"v": _VERSION})
        kept = {"v": _VERSION, "appearance": self.state.appearance}
        if self.state.event is None:
            return orjson.dumps({**kept, "gone_at": self.state.gone_at})
        return orjson.dumps({**kept, "event": self.state.event})


def seen_record(key: bytes | None, value: bytes | None) -> SeenRecord:
    """The record back. Raises `ValueError` if it is none, or of a later version."""
    try:
        feed, account, item = orjson.loads(key or b"")
        fields = None if value is None else orjson.loads(value)
        version = _VERSION if fields is None else int(fields["v"])
        state = None
        if fields is not None and item and version == _VERSION:
            state = SeenState(int(fields["appearance"]), fields.get("event"), int(fields.get("gone_at", 0)))
    except (KeyError, TypeError, ValueError):
        raise ValueError("does not say what a feed showed") from None
    if version != _VERSION:
        raise ValueError(f"is of version {version}, which this version cannot read")
    return SeenRecord(str(feed), str(account), str(item), state)
