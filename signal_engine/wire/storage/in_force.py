"""What is in force, as documents that all processes of one engine share (JSON in the store)."""

from typing import NamedTuple

import orjson

from signal_engine.wire.storage.documents import reading


class IcpInForce(NamedTuple):
    """What people are told of an ICP beside its decisions."""

    icp: str
    version: int
    owner_name: str
    owner_email: str
    review_by: str
    """YYYY-MM-DD."""
    buying_group: tuple[str, ...] = ()
    """The personas that must say yes."""


class FitInForce(NamedTuple):
    """The version of the fit table that all partitions are to have."""

    version: int
    """1.. ; each load is one more."""
    loaded_at: int
    """ms."""
    accounts: int
    icps: tuple[IcpInForce, ...]
    quiet: tuple[int, ...]
    """The latest versions whose alerts are recorded but not sent."""

    def encode(self) -> bytes:
        """As JSON."""
        return orjson.dumps({**self._asdict(), "icps": [icp._asdict() for icp in self.icps]})

    @classmethod
    def decode(cls, document: bytes) -> "FitInForce":
        """From JSON. One of release 0.1, which has no buying group, is read, too: a fit table outlives a release."""
        with reading("the document of the fit table in force"):
            read = orjson.loads(document)
            icps = tuple(
                IcpInForce(**{**icp, "buying_group": tuple(icp.get("buying_group", ()))}) for icp in read["icps"]
            )
            return cls(read["version"], read["loaded_at"], read["accounts"], icps, tuple(read["quiet"]))


class ScoringInForce(NamedTuple):
    """The scoring file by which all workers judge."""

    sequence: int
    """1.. ; each change is one more."""
    config_version: str
    rules_hash: str
    """Of what is folded into stored states: another one needs `rebuild`."""
    name: str
    """Of the file, for messages."""
    text: str
    """The file itself."""

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
    """Topic -> Kafka's id of it (empty where the broker tells none): a topic made anew has another, and its offsets
    begin again."""
    cluster: str = ""
    """What the Kafka cluster calls itself; empty where it tells nothing."""

    def encode(self) -> bytes:
        """As JSON."""
        return orjson.dumps(self._asdict())

    @classmethod
    def decode(cls, document: bytes) -> "TopicsInForce":
        """From JSON."""
        with reading("the document of the signal topics"):
            return cls(**orjson.loads(document))
