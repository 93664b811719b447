"""Digests"""

from signal_engine.engine.ports.event_log import Error, Info, Warn


class DigestsFollowed(Info):
    """`digest --follow` sends digests from now on, by so many routes; its metrics and probes are at `url`."""

    url: str
    routes: int


class DigestRecordBegun(Warn):
    """Redis has no record of digests: the first start, or a loss. None that was due before `since` is sent."""

    since: str


class DigestsStopped(Info):
    """`digest --follow` has stopped cleanly."""


class DigestSent(Info):
    """A digest has arrived at a destination."""

    destination: str


class DigestNotSent(Warn):
    """A digest did not arrive. After `retry` it is tried again, for six hours; else the next one covers it."""

    destination: str
    end: str
    said: str


class DigestsUnsubscribed(Info):
    """A person has ended their digests at a destination by the link in one; `digest --resume` turns them on again."""

    destination: str


class UnsubscribingNotKept(Error):
    """Somebody unsubscribed, and Redis alone knows: Kafka did not take it. The next start of `digest` tries again."""

    destination: str
    reason: str


class UnsubscribingRestored(Warn):
    """Redis had lost who unsubscribed: so many people and destinations are stopped again, by the record in Kafka."""

    stopped: int


class DigestsDelayed(Warn):
    """Digests cannot be made. They are tried again every half minute; logged once while it lasts."""

    reason: str
