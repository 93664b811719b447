"""Processes, configuration and rebuilds"""

from signal_engine.engine.ports.event_log import Error, Info, Warn


class WorkerStarted(Info):
    """A worker starts, with this group, name and configuration."""

    group: str
    instance: str
    config_version: str


class WorkerStopped(Info):
    """A worker has ended in order."""


class WorkerRestarting(Warn):
    """What this worker worked on is no longer served; it starts over by itself."""

    reason: str


class ApiStarted(Info):
    """The API listens at `url`."""

    url: str
    tokens_required: bool


class IngestStarted(Info):
    """The door for events listens at `url`; an event that is acknowledged is on `min_insync_replicas` brokers."""

    url: str
    tokens_required: bool
    hooks: int
    min_insync_replicas: int


class IngestStopped(Info):
    """The door for events has ended in order."""


class ApiStopped(Info):
    """The API has ended in order."""


class ShutdownForced(Error):
    """A process did not end in time after SIGTERM and was ended hard. Nothing is lost; report it."""

    timeout_s: float


class ShutdownTimeout(Warn):
    """Leaving the consumer group took too long and was abandoned; nothing is lost."""

    timeout_s: float


class SettingQuestionable(Warn):
    """A setting of a server is risky or costs something; `warning` says which and what to do."""

    warning: str


class AccountActionsOff(Warn):
    """The topic of account actions is missing, so none takes effect; once it is there, the worker starts over."""

    topic: str
    advice: str


class ScoringChanged(Info):
    """Another scoring file is in force; partitions take it over now."""

    config_version: str
    file: str


class ScoringUnreadable(Error):
    """The scoring file in force is of another version: accounts cannot be explained. Update the API."""

    problem: str


class FitChanged(Info):
    """A new fit table is in force; partitions take it over now."""

    fit_version: int
    accounts: int


class FitLost(Warn):
    """Rows of the fit table are missing in Redis. `advice` is what to do."""

    advice: str


class RebuildStarted(Warn):
    """All topics are read again into a new generation. Lists stay as they are meanwhile."""

    reason: str
    generation: int


class RebuildWaitingForFit(Warn):
    """The rebuild cannot go on before a fit table is loaded. `advice` is what to do."""

    advice: str


class RebuildCompleted(Info):
    """The rebuild is finished and served."""

    generation: int


class GenerationDropped(Info):
    """The keys of a generation that is no longer served are removed."""

    generation: int


class LibraryMessage(Warn):
    """A library logged a warning; the same one again within a minute is counted, not written."""

    logger: str
    message: str
    error_type: str | None = None
    repetitions: int | None = None


class LibraryFailure(Error):
    """A library logged an error; the same one again within a minute is counted, not written."""

    logger: str
    message: str
    error_type: str | None = None
    repetitions: int | None = None


class LogLinesLost(Warn):
    """So many lines of this log could not be written before, as on a full disk."""

    lines: int
