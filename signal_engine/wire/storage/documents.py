"""Stored documents that cannot be read: somebody else wrote them, or another version of the engine."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final

from signal_engine.core.errors import SignalEngineError

_BY_REBUILD: Final = "`signal-engine rebuild` makes the store anew, or use another SIGNAL_ENGINE_PREFIX"


def without_rebuild(keys: str) -> str:
    """How to mend what belongs to no generation, so that a rebuild leaves it as it is; it lies under `keys`."""
    return (
        f"A rebuild does not touch it: run the release that wrote it, or delete the keys {keys} (behind"
        " SIGNAL_ENGINE_PREFIX) from Redis, and it begins anew"
    )


MEND_DIGESTS: Final = without_rebuild("`digest:*`")


class UnreadableDocument(SignalEngineError):
    """A stored document is not what the engine writes under that name. The message names it and quotes nothing."""

    def __init__(self, what: str, error: Exception, mend: str = _BY_REBUILD) -> None:
        """`mend` says what helps."""
        super().__init__(
            f"{what} in the store cannot be read ({type(error).__name__}): it was not written by this version of the"
            f" engine. {mend}"
        )


@contextmanager
def reading(what: str, mend: str = _BY_REBUILD) -> Iterator[None]:
    """A context in which any failure to read `what` becomes `UnreadableDocument`; `mend` says what helps."""
    try:
        yield
    except (ValueError, KeyError, TypeError, IndexError, AttributeError) as error:
        raise UnreadableDocument(what, error, mend) from None


def known_fields(document: Mapping[str, Any], known: tuple[str, ...]) -> dict[str, Any]:
    """The fields of a document that this version knows: while an engine is updated, older workers read what newer ones
    write.
    """
    return {name: document[name] for name in known if name in document}
