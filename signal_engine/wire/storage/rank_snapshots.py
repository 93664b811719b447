"""Who was where on the lists at an instant, as bytes, and back."""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

import orjson

from signal_engine.wire.storage.documents import reading


class RankSnapshot(NamedTuple):
    """The lists at one instant."""

    at: int
    """ms."""
    ranks: Mapping[str, Mapping[str, int]]
    """List -> account -> rank (1..)."""


def encode(snapshot: RankSnapshot) -> bytes:
    """As JSON: the accounts of each list in order."""
    lists = {name: sorted(ranks, key=ranks.__getitem__) for name, ranks in snapshot.ranks.items()}
    return orjson.dumps({"at": snapshot.at, "lists": lists})


def decode(view: bytes) -> RankSnapshot:
    """From JSON; also as it was written when the ranks of the last midnight alone were kept."""
    with reading("what the lists were"):
        read = orjson.loads(view)
        if "ranks" in read:
            return RankSnapshot(read["at"], read["ranks"])
        lists: Mapping[str, Sequence[str]] = read["lists"]
        ranks = {name: {account: rank for rank, account in enumerate(its, 1)} for name, its in lists.items()}
        return RankSnapshot(read["at"], ranks)


def encode_instants(instants: Iterable[int]) -> bytes:
    """The instants (ms) of which there are snapshots."""
    return orjson.dumps([*instants])


def decode_instants(view: bytes) -> list[int]:
    """The same from JSON."""
    with reading("the instants at which lists were kept"):
        return [int(one) for one in orjson.loads(view)]
