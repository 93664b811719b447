"""Events as records of the signal topics."""

from collections.abc import Mapping
from typing import Final

from signal_engine.engine.intake.outcomes import EventLine
from signal_engine.engine.ports.producer import ToSend
from signal_engine.wire.events.decode import BACKFILL

_HISTORY: Final = ((BACKFILL, b"1"),)


def signal_record(event: EventLine, topics: Mapping[str, str]) -> ToSend:
    """The record of an event: keyed by its account, which decides its partition; `topics` has the topic of each kind.

    History is said in a header: on topics, the field of that name means nothing.
    """
    headers = _HISTORY if event.history else ()
    return ToSend(topics[event.kind], None, event.account.encode(), event.value, headers)
