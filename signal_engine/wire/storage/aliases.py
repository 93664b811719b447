"""The document of an alias map: JSON, domain -> its changes, each [since in ms, account or null]."""

from collections.abc import Mapping
from typing import Any, Final

import orjson
from xxhash import xxh3_128_hexdigest

from signal_engine.core.rules.aliases import AliasChange, Aliases
from signal_engine.wire.storage.documents import reading

UNDATED: Final = -1
"""`since` of the changes that a document brings: whatever names the document says from when on they count."""


def encode(aliases: Aliases) -> bytes:
    """Equal maps have equal documents."""
    return orjson.dumps({name: [*map(list, changes)] for name, changes in sorted(aliases.changes.items())})


def decode(document: bytes, since: int) -> Aliases:
    """The map of a document whose undated changes count from `since` (ms) on."""
    with reading("the document of the aliases in force"):
        read: Mapping[str, Any] = orjson.loads(document)
        return Aliases({name: tuple(_change(change, since) for change in changes) for name, changes in read.items()})


def digest(document: bytes) -> str:
    """What names a document: equal for equal ones alone."""
    return xxh3_128_hexdigest(document)


def _change(change: Any, since: int) -> AliasChange:
    at, account = change
    return AliasChange(since if at == UNDATED else at, account)
