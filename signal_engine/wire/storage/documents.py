"""Stored documents that cannot be read: somebody else wrote them, or another version of the engine."""

from collections.abc import Iterator
from contextlib import contextmanager

from signal_engine.core.errors import SignalEngineError


class UnreadableDocument(SignalEngineError):
    """A stored document is not what the engine writes under that name. The message names it and quotes nothing."""

    def __init__(self, what: str, error: Exception) -> None:
        super().__init__(
            f"{what} in the store cannot be read ({type(error).__name__}): it was not written by this version of the"
            " engine. `signal-engine rebuild` makes the store anew, or use another SIGNAL_ENGINE_PREFIX"
        )


@contextmanager
def reading(what: str) -> Iterator[None]:
    """A context in which any failure to read `what` becomes `UnreadableDocument`."""
    try:
        yield
    except (ValueError, KeyError, TypeError, IndexError, AttributeError) as error:
        raise UnreadableDocument(what, error) from None
