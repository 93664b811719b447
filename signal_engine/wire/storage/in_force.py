"""What is in force, as documents shared by all processes of one engine. JSON in the store."""

from typing import NamedTuple

import orjson

from signal_engine.wire.storage.documents import reading


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

    def encode(self) -> bytes:
        """As JSON."""
        return orjson.dumps({**self._asdict(), "icps": [icp._asdict() for icp in self.icps]})

    @classmethod
    def decode(cls, document: bytes) -> "FitInForce":
        """From JSON. Documents of release 0.1, without buying groups, are read, too: a fit table outlives a release."""
        with reading("the document of the fit table in force"):
            read = orjson.loads(document)
            icps = tuple(
                IcpInForce(**{**icp, "buying_group": tuple(icp.get("buying_group", ()))}) for icp in read["icps"]
            )
            return cls(read["version"], read["loaded_at"], read["accounts"], icps, tuple(read["quiet"]))


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

    def encode(self) -> bytes:
        """As JSON."""
        return orjson.dumps(self._asdict())

    @classmethod
    def decode(cls, document: bytes) -> "ScoringInForce":
        """From JSON."""
        with reading("the scoring file in force"):
            return cls(**orjson.loads(document))


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
            return cls(**orjson.loads(document))
