"""Bytes of the topic `rules` to one record, or why it is refused; and back. Never raises for bad data."""

import hashlib
from typing import Any, Final, NamedTuple, TypeAlias

import orjson
from pydantic import TypeAdapter, ValidationError

from signal_engine.core.sync.wiring import Downstream
from signal_engine.wire.events.one_event import read_instant
from signal_engine.wire.events.rejections import Refusal
from signal_engine.wire.events.validation_messages import describe
from signal_engine.wire.instants import format_instant
from signal_engine.wire.rules.fit_load import FIT_LOAD_KEY
from signal_engine.wire.rules.models import (
    FORMAT,
    CurrentIcpRecord,
    CurrentScoringRecord,
    IcpVersionRecord,
    ScoringVersionRecord,
    WiringConfirmedRecord,
)

_LARGEST_BYTES: Final = 1_000_000
"""Bytes of JSON."""
FIRST_START: Final = "first start"
"""Stands in `by` where no person published: what was in force before the topic had any rule."""
_CURRENT_ICP: Final = "current/icp"
_CURRENT_SCORING: Final = "current/scoring"
_ICP: Final = "icp/"
_SCORING: Final = "scoring/"
_WIRING: Final = "wiring/"
_HASH_DIGITS: Final = 12
_TOO_LARGE: Final = Refusal("too_large", f"the value is larger than {_LARGEST_BYTES:,} bytes")


class Signed(NamedTuple):
    """Who published, why and when."""

    by: str
    """E-mail, or `first start`."""
    reason: str
    at: int
    """ms since 1970, by the publisher's clock."""


class IcpName(NamedTuple):
    """One version of an ICP, named."""

    icp: str
    version: int
    hash: str


class IcpVersion(NamedTuple):
    """One version of an ICP."""

    named: IcpName
    name: str
    """Name of the file."""
    text: str
    """The file."""
    signed: Signed
    rollback_to: int | None = None
    """The earlier version whose content this is."""

    @property
    def key(self) -> str:
        """Of its record."""
        return f"{_ICP}{self.named.icp}/{self.named.version}/{self.named.hash}"

    def encode(self) -> bytes:
        """The record's value."""
        back = {} if self.rollback_to is None else {"rollback_to": self.rollback_to}
        return _json({**self.named._asdict(), "name": self.name, "text": self.text, **_signature(self.signed), **back})


class ScoringVersion(NamedTuple):
    """One version of the scoring file."""

    config_version: str
    rules_hash: str
    """As in `wire.config.scoring_file.ScoringFile`."""
    name: str
    text: str
    signed: Signed
    rollback_to: str | None = None
    """The earlier `config_version` whose content this is."""

    @property
    def key(self) -> str:
        """Of its record."""
        return f"{_SCORING}{self.config_version}"

    def encode(self) -> bytes:
        """The record's value."""
        own = {name: getattr(self, name) for name in ("config_version", "rules_hash", "name", "text")}
        back = {} if self.rollback_to is None else {"rollback_to": self.rollback_to}
        return _json({**own, **_signature(self.signed), **back})


class CurrentIcps(NamedTuple):
    """The ICP versions that are to be in force."""

    publication: int
    """1..; rises by one with each publication of ICPs."""
    icps: tuple[IcpName, ...]
    """By id."""
    quiet: bool
    """Whether the alerts that the change raises are recorded and not sent."""
    signed: Signed

    @property
    def key(self) -> str:
        """Of its record."""
        return _CURRENT_ICP

    def encode(self) -> bytes:
        """The record's value."""
        icps = [named._asdict() for named in self.icps]
        return _json({"publication": self.publication, "icps": icps, "quiet": self.quiet, **_signature(self.signed)})


class CurrentScoring(NamedTuple):
    """The scoring file that is to be in force."""

    publication: int
    """1..; rises by one with each publication of a scoring file."""
    config_version: str
    signed: Signed

    @property
    def key(self) -> str:
        """Of its record."""
        return _CURRENT_SCORING

    def encode(self) -> bytes:
        """The record's value."""
        return _json(
            {"publication": self.publication, "config_version": self.config_version, **_signature(self.signed)}
        )


class WiringConfirmed(NamedTuple):
    """A person says that a version of an ICP changed a system downstream."""

    icp: str
    version: int
    system: Downstream
    by: str
    """E-mail."""
    note: str
    at: int
    """ms since 1970, by the clock of who says it."""

    @property
    def key(self) -> str:
        """Of its record."""
        return f"{_WIRING}{self.icp}/{self.version}/{self.system}"

    def encode(self) -> bytes:
        """The record's value."""
        return _json({**self._asdict(), "at": format_instant(self.at)})


Rule: TypeAlias = IcpVersion | ScoringVersion | CurrentIcps | CurrentScoring | WiringConfirmed

_MODELS: Final[dict[str, TypeAdapter[Any]]] = {
    _ICP: TypeAdapter(IcpVersionRecord),
    _SCORING: TypeAdapter(ScoringVersionRecord),
    _CURRENT_ICP: TypeAdapter(CurrentIcpRecord),
    _CURRENT_SCORING: TypeAdapter(CurrentScoringRecord),
    _WIRING: TypeAdapter(WiringConfirmedRecord),
}
"""Key, or what it begins with -> the model of its value."""


def hash_of(text: str) -> str:
    """What tells two files of one version apart."""
    return hashlib.sha256(text.encode()).hexdigest()[:_HASH_DIGITS]


def read_rule(key: bytes | None, value: bytes | None) -> Rule | Refusal:
    """The rule in a record of the topic, `fit` apart."""
    name = (key or b"").decode(errors="replace")
    kind = next((kind for kind in _MODELS if name == kind or (kind.endswith("/") and name.startswith(kind))), None)
    if kind is None:
        return Refusal("schema", f"the key is none of {', '.join(_MODELS)}, {FIT_LOAD_KEY.decode()}")
    if value is None:
        return Refusal("schema", "the value is null: rules are never removed")
    if len(value) > _LARGEST_BYTES:
        return _TOO_LARGE
    try:
        fields = orjson.loads(value)
        if not isinstance(fields, dict):
            return Refusal("schema", "the value is JSON but not an object")
        fields = _MODELS[kind].validate_python(fields)
    except orjson.JSONDecodeError:
        return Refusal("not_json", "the value is not valid JSON")
    except ValidationError as error:
        return Refusal("schema", describe(error))
    at = read_instant(fields["at"])
    if isinstance(at, str):
        return Refusal("schema", f"at {at}")
    rule = _rule(kind, fields, at)
    if rule.key != name:
        return Refusal("schema", f"the key must be {rule.key}, as the value says")
    if isinstance(rule, IcpVersion) and rule.named.hash != hash_of(rule.text):
        return Refusal("schema", "hash is not that of text")
    return rule


def _rule(kind: str, fields: dict[str, Any], at: int) -> Rule:
    if kind == _WIRING:
        return WiringConfirmed(fields["icp"], fields["version"], fields["system"], fields["by"], fields["note"], at)
    signed = Signed(fields["by"], fields["reason"], at)
    if kind == _ICP:
        named = IcpName(fields["icp"], fields["version"], fields["hash"])
        return IcpVersion(named, fields["name"], fields["text"], signed, fields.get("rollback_to"))
    if kind == _SCORING:
        own = (fields["config_version"], fields["rules_hash"], fields["name"], fields["text"])
        return ScoringVersion(*own, signed, fields.get("rollback_to"))
    if kind == _CURRENT_ICP:
        icps = tuple(IcpName(one["icp"], one["version"], one["hash"]) for one in fields["icps"])
        return CurrentIcps(fields["publication"], icps, fields["quiet"], signed)
    return CurrentScoring(fields["publication"], fields["config_version"], signed)


def _signature(signed: Signed) -> dict[str, str]:
    return {"by": signed.by, "reason": signed.reason, "at": format_instant(signed.at)}


def _json(fields: dict[str, Any]) -> bytes:
    return orjson.dumps({"format": FORMAT, **fields})
