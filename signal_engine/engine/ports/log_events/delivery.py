"""Delivery of alerts"""

from signal_engine.engine.ports.event_log import Error, Info, Warn


class NotifyStarted(Info):
    """`notify` starts, in this consumer group, with so many destinations; its probes are at `url`."""

    url: str
    group: str
    destinations: int


class NotifyStopped(Info):
    """`notify` has stopped cleanly."""


class DeliveriesTaken(Info):
    """This process delivers the alerts of a partition from this offset on."""

    partition: int
    position: int


class DeliveriesReleased(Info):
    """This process no longer delivers the alerts of a partition."""

    partition: int


class LedgerLost(Warn):
    """The ledger has no position, but the group has: Redis lost it. Alerts of 24 hours are looked at again."""

    partition: int
    position: int
    committed: int


class AlertsCutShort(Warn):
    """The alerts topic ends before the ledger's position: recreated, or records lost. 24 hours are looked at again."""

    partition: int
    position: int
    """Of the ledger until now."""
    end: int


class LedgerMoved(Warn):
    """Another process planned alerts of this partition meanwhile; this one goes on from where that one is."""

    partition: int
    position: int


class AlertUnreadable(Error):
    """A record of the alerts topic cannot be read; it is not delivered."""

    partition: int
    offset: int
    problem: str


class LedgerKeyUnreadable(Error):
    """A document of the ledger cannot be read: it starts empty, and its bytes are kept under another key."""

    key: str
    """Without the prefix."""
    kept: str


class LedgerRowUnreadable(Error):
    """A row of the ledger cannot be read, and its delivery is not sent; its bytes are kept apart."""

    partition: int
    delivery_id: str


class ActionsNotFollowed(Warn):
    """The topic of account actions cannot be read: messages say what people did when they are looked at next."""

    reason: str


class AlertLate(Info):
    """Nobody responded to an alert in time, in this phase; the manager, the backup or the fallback is told."""

    alert_id: str
    phase: str
    to: str
    person: str | None


class AlertReachedNobody(Warn):
    """An alert meant for a person goes to triage: nobody could be reached. `deliveries stats` says what to fix."""

    alert_id: str
    why: str
    """An `Unreached`."""


class DeliveryGivenUp(Warn):
    """A delivery is no longer tried; `deliveries retry` tries it again."""

    delivery_id: str
    destination: str
    said: str


class DeliveryUncertain(Warn):
    """Nobody can tell whether a delivery arrived; `resent` says whether it is sent again, and may arrive twice."""

    delivery_id: str
    destination: str
    resent: bool


class DestinationDisabled(Error):
    """A destination is gone or its token revoked: nothing is sent there until `deliveries retry --to` enables it."""

    destination: str
    said: str


class DestinationFailing(Warn):
    """Nothing gets through to a destination; it is tried again, and logged once per outage."""

    destination: str
    said: str


class DestinationRecovered(Info):
    """A destination takes messages again."""

    destination: str
