"""What is in force, as documents shared by all processes of one engine. JSON in the store."""

from datetime import date
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import orjson

from signal_engine.core.delivery.holdback import NO_CONTROL_GROUP, ControlGroup, Holdback
from signal_engine.wire.events.rejections import Refusal
from signal_engine.wire.rules.fit_load import AccountsLoad, read_fit_load, write_fit_load
from signal_engine.wire.storage.documents import known_fields, reading


class PublishedBy(NamedTuple):
    """The publication that brought something into force (topic `rules`)."""

    offset: int
    """Of its record `current`. What is in force only moves to a higher one."""
    publication: int
    by: str
    reason: str
    at: int
    """ms; the record's timestamp."""


class VersionPublished(NamedTuple):
    """The publication of one version of an ICP. Of several ICPs in force, others may have been published later."""

    by: str
    reason: str
    at: int
    """ms; the record's timestamp."""


class IcpInForce(NamedTuple):
    """What people see of an ICP besides its decisions."""

    icp: str
    version: int
    owner_name: str
    owner_email: str
    review_by: str
    """YYYY-MM-DD."""
    buying_group: tuple[str, ...] = ()
    """The personas that must say yes."""
    name: str = ""
    """Name of its file."""
    text: str = ""
    """Its file, by which the owner of a partition decides accounts as loaded; empty where a command decided them."""
    annual_review_by: str | None = None
    """YYYY-MM-DD."""
    published: VersionPublished | None = None
    """None: a load named the file."""

    def document(self) -> dict[str, object]:
        """For JSON."""
        return {**self._asdict(), "published": None if self.published is None else self.published._asdict()}

    @classmethod
    def of(cls, document: dict[str, Any]) -> "IcpInForce":
        """From JSON, also that of release 0.1, without buying groups."""
        by = document.get("published")
        read = {
            "buying_group": tuple(document.get("buying_group", ())),
            "published": None if by is None else VersionPublished(**known_fields(by, VersionPublished._fields)),
        }
        return cls(**{**known_fields(document, cls._fields), **read})


class AliasesInForce(NamedTuple):
    """The alias map in force."""

    digest: str
    """Names its document (`wire.storage.aliases`)."""
    since: int
    """The instant (ms) of arrival from which on its latest changes count."""


class FitInForce(NamedTuple):
    """The version of the fit table that all partitions must roll out."""

    version: int
    """1..; rises by one with each load."""
    loaded_at: int
    """ms."""
    accounts: int
    icps: tuple[IcpInForce, ...]
    quiet: tuple[int, ...]
    """The latest versions loaded with `--quiet`, whose alerts are recorded but not sent."""
    load: AccountsLoad | None = None
    """The accounts that the partitions' owners decide by `icps`; None where a command decided them and handed over the
    rows.
    """
    load_offset: int = -1
    """Where the record of `load` is in the topic `rules`: a later one is in force after it."""
    published: PublishedBy | None = None
    """The publication of `icps`; None: a load named them."""
    aliases: AliasesInForce | None = None
    """None: there never were any."""

    def encode(self) -> bytes:
        """As JSON."""
        load = None if self.load is None else write_fit_load(self.load._replace(icps=())).decode()
        published = None if self.published is None else self.published._asdict()
        icps = [icp.document() for icp in self.icps]
        aliases = None if self.aliases is None else self.aliases._asdict()
        changed = {"icps": icps, "load": load, "published": published, "aliases": aliases}
        return orjson.dumps({**self._asdict(), **changed})

    @classmethod
    def decode(cls, document: bytes) -> "FitInForce":
        """From JSON. Documents of release 0.1, without buying groups, are read, too: a fit table outlives a release."""
        with reading("the document of the fit table in force"):
            read = orjson.loads(document)
            icps = tuple(map(IcpInForce.of, read["icps"]))
            load = read.get("load")
            return cls(
                read["version"],
                read["loaded_at"],
                read["accounts"],
                icps,
                tuple(read["quiet"]),
                None if load is None else _load(load),
                read.get("load_offset", -1),
                _published(read.get("published")),
                None if (aliases := read.get("aliases")) is None else _aliases(aliases),
            )


def _published(document: dict[str, Any] | None) -> PublishedBy | None:
    return None if document is None else PublishedBy(**known_fields(document, PublishedBy._fields))


def _aliases(document: dict[str, Any]) -> AliasesInForce:
    return AliasesInForce(**known_fields(document, AliasesInForce._fields))


def _load(record: str) -> AccountsLoad:
    load = read_fit_load(record.encode())
    if isinstance(load, Refusal):
        raise ValueError(load.detail)  # noqa: TRY004 (its content is wrong)
    return load


class ScoringInForce(NamedTuple):
    """The scoring file that all workers use."""

    sequence: int
    """1..; rises by one with each change."""
    config_version: str
    rules_hash: str
    """Hash of the rules that are folded into stored states: a change requires `rebuild`."""
    name: str
    """Name of the file, for messages."""
    text: str
    """The content of the file."""
    published: PublishedBy | None = None
    """None: it is a worker's own file, and nothing was published yet."""

    def encode(self) -> bytes:
        """As JSON."""
        published = {} if self.published is None else {"published": self.published._asdict()}
        return orjson.dumps({**self._asdict(), **published})

    @classmethod
    def decode(cls, document: bytes) -> "ScoringInForce":
        """From JSON."""
        with reading("the scoring file in force"):
            read = known_fields(orjson.loads(document), cls._fields)
            return cls(**{**read, "published": _published(read.get("published"))})


class TopicsInForce(NamedTuple):
    """The signal topics whose positions the store holds."""

    partitions: int
    ids: dict[str, str]
    """Topic -> its Kafka id, empty if the broker gives none. A recreated topic has another id, and its offsets start
    over.
    """
    cluster: str = ""
    """The id of the Kafka cluster; empty if it has none."""

    def encode(self) -> bytes:
        """As JSON."""
        return orjson.dumps(self._asdict())

    @classmethod
    def decode(cls, document: bytes) -> "TopicsInForce":
        """From JSON."""
        with reading("the document of the signal topics"):
            return cls(**known_fields(orjson.loads(document), cls._fields))


def encode_group(group: ControlGroup) -> bytes:
    """The control group that lists go by: every draw with its days, and the zone whose days they are."""
    return orjson.dumps({"zone": str(group.zone), "draws": [draw._asdict() for draw in group.draws]})


def decode_group(stored: bytes | None) -> ControlGroup:
    """The group; nobody where no worker has written one."""
    if stored is None:
        return NO_CONTROL_GROUP
    document = orjson.loads(stored)
    return ControlGroup(tuple(map(_draw, document["draws"])), ZoneInfo(document["zone"]))


def _draw(document: dict[str, object]) -> Holdback:
    share, until = document["share"], document["until"]
    assert isinstance(share, float)  # noqa: S101 (as `encode_group` wrote it)
    return Holdback(
        share,
        date.fromisoformat(str(document["since"])),
        None if until is None else date.fromisoformat(str(until)),
        str(document["salt"]),
    )
