"""The ids an account remembers, kind by kind (scoring.md sections 1 and 3, law 2)."""

from dataclasses import dataclass, field

from tests.oracle.inputs.configuration import Scoring
from tests.oracle.inputs.lines import Event


def is_expired(kind: str, occurred_at: int, now: int, scoring: Scoring) -> bool:
    """Older than six half-lives of its kind at `now`; at exactly six it is not.

    Ambiguous: a kind that the scoring file leaves out has no half-life, so its events do not expire; they are ignored.
    """
    return kind in scoring.kinds and now - occurred_at > scoring.kinds[kind].expires_after()


@dataclass(slots=True)
class RememberedIds:
    """Ids of applied events, until their signal would be expired, at most `most`, oldest `occurred_at` out first.

    An id is known for its kind alone. The engine may remember hashes; here the ids themselves are kept.
    """

    most: int
    _events: dict[tuple[str, str], Event] = field(default_factory=dict)

    def has(self, kind: str, event_id: str, now: int, scoring: Scoring) -> bool:
        """Whether the id was applied before and its signal would not be expired at `now`."""
        event = self._events.get((kind, event_id))
        return event is not None and not is_expired(kind, event.occurred_at, now, scoring)

    def add(self, event: Event, now: int, scoring: Scoring) -> None:
        """Remember an applied event, and let go of the expired, then of the oldest while there are too many.

        Ambiguous: the new id itself goes when it is the oldest; of equally old ones the one applied first goes.
        """
        self._events.pop((event.kind, event.event_id), None)
        self._events[event.kind, event.event_id] = event
        self._events = {
            known: kept
            for known, kept in self._events.items()
            if not is_expired(kept.kind, kept.occurred_at, now, scoring)
        }
        while len(self._events) > self.most:
            oldest = min(self._events.values(), key=lambda kept: kept.occurred_at)
            del self._events[oldest.kind, oldest.event_id]
