"""Systems that follow"""

from signal_engine.engine.ports.event_log import Info, Warn


class SyncStarted(Info):
    """`sync` runs with these sinks; its metrics and probes are at `url`."""

    url: str
    sinks: str


class SyncStopped(Info):
    """`sync` has stopped cleanly."""


class SinkRan(Info):
    """A sink was sent what had changed; `problem` names what it refused. What failed is sent again."""

    sink: str
    written: int
    failed: int
    problem: str | None


class CrmRead(Info):
    """A CRM was read: outcomes of so many deals, and changes to so many accounts."""

    sink: str
    deals: int
    outcomes: int
    accounts: int


class CrmNotRead(Warn):
    """A CRM could not be read to the end; it is read again at the next time of the schedule."""

    sink: str
    reason: str


class SinkUnconfirmed(Warn):
    """A CRM was looked at and nothing was written. Run `signal-engine sync run`, look at what it shows, and confirm."""

    sink: str
    matched: int
    ambiguous: int
    unmatched: int


class SinkStopped(Warn):
    """A sink cannot be brought up to date; it is tried again, and logged once per reason. What is due is sent then."""

    sink: str
    reason: str


class SinkRecovered(Info):
    """A sink is up to date again."""

    sink: str
