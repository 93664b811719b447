"""Names of keys. All of a partition share the hash tag `{p}`: a Redis Cluster keeps them on one node, and a script may
write them together. The generation stands before the tag, so that `rebuild` fills a new one beside the one served."""

from dataclasses import dataclass
from typing import NamedTuple

from signal_engine.engine.ports.transaction import Outbox, outbox_part, ranks_part


def mark_keys(prefix: str) -> list[str]:
    """The keys that name the generation served, the one being built, and those to be dropped.

    The hash tag of the others is the whole name of the first: a script may write them together.
    """
    served = f"{checked(prefix)}generation"
    return [served, f"{prefix}building:{{{served}}}", f"{prefix}outdated:{{{served}}}"]


def generation_root(prefix: str, generation: int) -> str:
    """What every key of a generation begins with. The keys of an engine whose prefix is just that do, too."""
    return f"{checked(prefix)}g{generation}:"


def is_of_generation(key: str, root: str) -> bool:
    """Whether `key` belongs to the generation with that root: to one of its partitions, or to them all."""
    return key.startswith((f"{root}{{", f"{root}control:"))


def document_key(prefix: str, generation: int, name: str) -> str:
    """A document that all processes of one engine share."""
    return f"{generation_root(prefix, generation)}control:{name}"


def list_keys(prefix: str, name: str) -> tuple[str, str]:
    """A list as it is served, under its documented name, and its version.

    A script may write both together on a Redis Cluster too: the hash tag of the second is the whole name of the first,
    so both lie in one slot.
    """
    served = f"{checked(prefix)}list:{name}"
    return served, f"{prefix}version:{{{served}}}"


def replayed_key(prefix: str, partition: int) -> str:
    """Sorted set: letter by the offset of its last copy. Of no generation: it belongs to the dead-letter topic."""
    return f"{checked(prefix)}replayed:{{{partition}}}"


def digest_key(prefix: str, name: str) -> str:
    """What is kept of somebody's digests. Of no generation: people were sent them whatever is rebuilt."""
    return f"{checked(prefix)}digest:{name}"


def inbox_key(prefix: str) -> str:
    """Sorted set: ids of the messages that stay on this machine, by when they were sent. Of no generation."""
    return f"{checked(prefix)}{{inbox}}"


class SyncKeys(NamedTuple):
    """The keys of a sink of `sync`: of no generation. A hash by account, the state of the sink, its requests by day,
    and whose turn it is.
    """

    rows: str
    state: str
    turn: str

    def calls_of(self, day: int) -> str:
        """The counter of a day (since 1970-01-01)."""
        return f"{self.state}:{day}"


def sync_keys(prefix: str, sink: str) -> SyncKeys:
    """The keys of `sink`."""
    root = f"{checked(prefix)}sync:{{{sink}}}"
    return SyncKeys(f"{root}:sent", f"{root}:state", f"{root}:turn")


def checked(prefix: str) -> str:
    """`prefix` itself. Raises ValueError for one that would move the hash tag."""
    if "{" in prefix or "}" in prefix:
        raise ValueError(f"a prefix of keys cannot hold braces: {prefix!r}")
    return prefix


@dataclass(frozen=True, slots=True)
class Keys:
    """The keys of one partition of one generation."""

    root: str

    @classmethod
    def of(cls, prefix: str, generation: int, partition: int) -> "Keys":
        """Raises ValueError for a prefix with braces."""
        return cls(f"{generation_root(prefix, generation)}{{{partition}}}:")

    @property
    def head(self) -> str:
        """Hash: the transaction counter, positions by topic, origins, marks by part."""
        return f"{self.root}head"

    def name(self, key: str) -> str:
        """What a key of this partition is called in messages."""
        return key.removeprefix(self.root)

    @property
    def states(self) -> str:
        """Hash: account -> state."""
        return f"{self.root}states"

    @property
    def fits(self) -> str:
        """Hash: account -> fit row. Not in `states`, so that neither is rewritten for the other."""
        return f"{self.root}fits"

    @property
    def actions(self) -> str:
        """Hash: account -> its actions. Few accounts have any."""
        return f"{self.root}actions"

    @property
    def overlay(self) -> str:
        """Hash: account -> its actions that were seen and may not have been applied yet. No transaction writes it."""
        return f"{self.root}overlay"

    @property
    def outcomes(self) -> str:
        """Hash: account -> its outcomes; the empty field: how far their topic is read. No transaction writes it."""
        return f"{self.root}outcomes"

    @property
    def due(self) -> str:
        """Sorted set: account by instant (ms)."""
        return f"{self.root}due"

    @property
    def counts(self) -> str:
        """Hash: counter -> sum."""
        return f"{self.root}counts"

    @property
    def views(self) -> str:
        """Hash: what only people look at."""
        return f"{self.root}views"

    def part(self, part: str) -> str:
        """The key of a part, as `engine.ports.transaction.parts` names it; its type is documented at the others."""
        return f"{self.root}{part}"

    @property
    def disk(self) -> str:
        """A mark: what `WAITAOF` waits for."""
        return f"{self.root}disk"

    @property
    def signals(self) -> str:
        """With an account's name behind it, a list: its latest signals, newest first."""
        return f"{self.root}signals:"

    @property
    def alerts(self) -> str:
        """With an account's name behind it, a list: its latest alerts, newest first."""
        return f"{self.root}alerts:"

    @property
    def feed(self) -> str:
        """Sorted set: the partition's alerts by instant (ms)."""
        return f"{self.root}feed"

    @property
    def raises(self) -> str:
        """Sorted set: the partition's hand raises by the instant (ms) from which they count."""
        return f"{self.root}raises"

    @property
    def days(self) -> str:
        """Set: the days that have scores here, so that all of them can be found again."""
        return f"{self.root}days"

    def scores(self, day: int | str) -> str:
        """Hash: account -> its score at the last signal of a day; it goes by itself when the day is too old."""
        return f"{self.root}scores:{day}"

    def fit_changes(self, version: int) -> str:
        """Hash: account -> the row that comes with a version of the fit table."""
        return f"{self.root}fits:{version}"

    def ranks(self, name: str) -> str:
        """Sorted set: account by stored bound."""
        return self.part(ranks_part(name))

    def outbox(self, outbox: Outbox) -> str:
        """Stream: records that wait. Its ids never come twice, and are no time to go by: clocks are put back."""
        return self.part(outbox_part(outbox))
