"""Processes, configuration and rebuilds"""

from signal_engine.engine.ports.event_log import Error, Info, Warn


class WorkerStarted(Info):
    """A worker has checked its surroundings and joins its consumer group."""

    group: str
    instance: str
    config_version: str


class WorkerStopped(Info):
    """A worker has released its partitions and ends."""


class WorkerRestarting(Warn):
    """A worker starts over in place: what it works on is not what it was."""

    reason: str


class ApiStarted(Info):
    """The API answers at this URL."""

    url: str
    tokens_required: bool


class ApiStopped(Info):
    """The API has ended its answers and ends."""


class ShutdownForced(Error):
    """A process was told to stop, was not done in time, and has ended itself."""

    timeout_s: float


class ShutdownTimeout(Warn):
    """Leaving the consumer group took too long; the group finds out when the session ends."""

    timeout_s: float


class SettingQuestionable(Warn):
    """A setting of ours or of a server works, but should be mended."""

    warning: str


class ScoringChanged(Info):
    """Another scoring file is in force."""

    config_version: str
    file: str


class ScoringUnreadable(Error):
    """The scoring file in force cannot be read by this release: accounts cannot be explained."""

    problem: str


class FitChanged(Info):
    """Another version of the fit table is in force."""

    fit_version: int
    accounts: int


class FitLost(Warn):
    """Rows of the fit table are lost."""

    advice: str


class RebuildStarted(Warn):
    """A new generation is being built beside the one that is served: the topics are read from the beginning."""

    reason: str
    generation: int


class RebuildWaitingForFit(Warn):
    """A rebuild cannot go on before a fit table is loaded."""

    advice: str


class RebuildCompleted(Info):
    """The generation that was built is served."""

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
    """The log could not be written for a while, as on a full disk."""

    lines: int
