"""What is kept of a person's digests at one destination: when, how it ended, and which accounts were on the list.

Account names and their order are all there is of the list: the digest itself is not kept.
"""

from typing import Final

import orjson

from signal_engine.core.delivery.digest import SentBefore
from signal_engine.wire.storage.documents import MEND_DIGESTS, reading

_VERSION: Final = 1


def encode(kept: SentBefore) -> bytes:
    """As it is stored."""
    return orjson.dumps({"v": _VERSION, **kept._asdict()})


def decode(stored: bytes) -> SentBefore:
    """What `encode` wrote. Raises `UnreadableDocument`, also for a version that this one does not know."""
    with reading("the row of a digest", MEND_DIGESTS):
        found = orjson.loads(stored)
        if found.pop("v") != _VERSION:
            raise ValueError("a row of digests is of a version that this one does not know")
        return SentBefore(**{**found, "accounts": tuple(found["accounts"])})
