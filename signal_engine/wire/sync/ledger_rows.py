"""What a ledger keeps of a sink, as bytes and back: a row per account, and the state of the sink as a whole."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Any, Final, Literal, NamedTuple

import orjson

from signal_engine.core.sync.fields import FieldValue
from signal_engine.wire.storage.documents import reading, without_rebuild

Match = Literal["matched", "ambiguous", "unmatched"]
MEND_LEDGER: Final = without_rebuild("`sync:{SINK}:sent` and `sync:{SINK}:state`, with the sink's name,")
"""What helps where a ledger cannot be read; docs/sync.md says what beginning anew is for each sink."""


class FormerRecord(NamedTuple):
    """A record that was an account's before another one was."""

    record_id: str
    sent: Mapping[str, FieldValue]
    """Field -> what was sent last and was taken."""


class RefusedWrite(NamedTuple):
    """A write that the CRM will not take as it is."""

    content: str
    """Tells it from other writes."""
    at: int
    """When (ms) it was refused."""


class LedgerRow(NamedTuple):
    """What a CRM was told of one account."""

    match: Match
    record_id: str | None
    """The record in the CRM, where it is matched."""
    sought_at: int
    """When (ms) the CRM was last asked for it."""
    crm_id: str | None = None
    """The id in the accounts file by which it was asked for."""
    sent: Mapping[str, FieldValue] | None = None
    """Field -> what was sent last and was taken; None: nothing yet, or nobody knows."""
    former: FormerRecord | None = None
    """The record that still has our fields and our own id, though it is the account's no more."""
    refused: RefusedWrite | None = None
    """The last write, where it was refused for good."""

    def encode(self) -> bytes:
        """As JSON."""
        return orjson.dumps((*self[:-2], self.former and tuple(self.former), self.refused and tuple(self.refused)))

    @classmethod
    def decode(cls, value: bytes) -> "LedgerRow":
        """From JSON; what newer versions put at its end is passed over. Raises `UnreadableDocument`."""
        with reading("what a sink was sent of an account", MEND_LEDGER):
            match, record_id, sought_at, crm_id, sent, *later = orjson.loads(value)
            former, refused = (*later[:2], None, None)[:2]
            return cls(
                match,
                record_id,
                sought_at,
                crm_id,
                sent,
                None if former is None else FormerRecord(*former[:2]),
                None if refused is None else RefusedWrite(*refused[:2]),
            )


@dataclass(slots=True)
class VersionChange:
    """What a version of an ICP has changed in a system."""

    added: int
    """Accounts that came in by it."""
    removed: int
    first_at: int
    """ms."""
    last_at: int
    """ms."""


@dataclass(slots=True)
class SinkState:
    """A sink as a whole, as `sync status` and the report on wiring read it."""

    confirmed_at: int | None = None
    """When (ms) somebody saw the first dry run and let the sink write; None: it does not write."""
    whole_at: int | None = None
    """When (ms) all accounts were last compared."""
    ran_at: int | None = None
    """When (ms) it last ran to its end."""
    counts: dict[str, int] = field(default_factory=dict)
    """Of the last comparison of all accounts: what was counted."""
    trouble: str | None = None
    """Why the last run did not get to its end, in words; None: it did."""
    trouble_at: int | None = None
    """ms."""
    disabled: bool = False
    """Whether the trouble is for good: nothing is sent until somebody runs it by hand."""
    rests_until: int | None = None
    """Until when (ms) the system asks not to be asked."""
    deals_until: int | None = None
    """Up to which change (ms) the CRM's deals were read and are in Kafka; None: none yet."""
    by_version: dict[str, VersionChange] = field(default_factory=dict)
    """`ICP/VERSION` -> what it changed there. The engine forgets none; a sink sees a handful a year."""
    unknown: dict[str, Any] = field(default_factory=dict)
    """What a newer version keeps here: after a step back it is passed on as it was."""

    @property
    def problem(self) -> str | None:
        """Why the last run did not get to its end, and what ends that where a person has to; None: it did."""
        if not self.disabled:
            return self.trouble
        return f"disabled: {self.trouble}; when that is mended, `signal-engine sync run` enables it"

    def encode(self) -> bytes:
        """As JSON."""
        told = asdict(self)
        return orjson.dumps({**told.pop("unknown"), **told})

    @classmethod
    def decode(cls, value: bytes | None) -> "SinkState":
        """From JSON; of a sink that never ran where there is none. Raises `UnreadableDocument`."""
        if value is None:
            return cls()
        with reading("the state of a sink", MEND_LEDGER):
            told = orjson.loads(value)
            known = {name: told.pop(name) for name in _STATE_FIELDS & told.keys()}
            by_version = {name: _version_change(one) for name, one in known.pop("by_version", {}).items()}
            return cls(**known, by_version=by_version, unknown=told)

    def note_change(self, icp: str, version: int, now: int, *, added: bool, count: int = 1) -> None:
        """Count accounts that came in or went out by a version of an ICP at `now` (ms)."""
        change = self.by_version.setdefault(f"{icp}/{version}", VersionChange(0, 0, now, now))
        change.last_at = now
        if added:
            change.added += count
        else:
            change.removed += count


_STATE_FIELDS: Final = frozenset(one.name for one in fields(SinkState)) - {"unknown"}
_CHANGE_FIELDS: Final = frozenset(one.name for one in fields(VersionChange))


def _version_change(told: Mapping[str, int]) -> VersionChange:
    return VersionChange(**{name: value for name, value in told.items() if name in _CHANGE_FIELDS})
