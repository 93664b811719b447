"""Processes, configuration and rebuilds"""

from signal_engine.engine.ports.event_log import Error, Info, Warn


class WorkerStarted(Info):
    """A worker starts, with this group, name and configuration."""

    group: str
    instance: str
    config_version: str


class EventsReadBy(Info):
    """What reads events: `native`, with Python for what is out of the ordinary; `native and python`; or `python`."""

    reader: str


class NativePartRefused(Warn):
    """The native part is installed and cannot be used, as after an update of the engine alone; Python does its work."""

    reason: str


class NativeReaderOff(Error):
    """The native reader failed, or differs from Python, which reads all events from now on. None is lost. Report it."""

    reason: str


class NativeWalkerOff(Error):
    """The native walk of batches failed, or differs from aiokafka, which walks now. Nothing is lost. Report it."""

    reason: str


class EventsJudgedBy(Info):
    """What judges events: `native`, with Python for what is unusual; `native and python`; or `python`."""

    judge: str


class NativeJudgeOff(Error):
    """The native judge failed, or differs from Python, which judges all events from now on. None is lost. Report it."""

    reason: str


class WorkerStopped(Info):
    """A worker has stopped cleanly."""


class WorkerRestarting(Warn):
    """The generation that this worker worked on is no longer served; it restarts by itself."""

    reason: str


class ApiStarted(Info):
    """The API listens at `url`."""

    url: str
    tokens_required: bool


class McpStarted(Info):
    """`mcp --http` listens at `url`."""

    url: str
    tokens_required: bool


class McpStopped(Info):
    """`mcp --http` has stopped cleanly."""


class IngestStarted(Info):
    """`ingest` listens at `url`; an event that is acknowledged is on `min_insync_replicas` brokers."""

    url: str
    tokens_required: bool
    hooks: int
    min_insync_replicas: int


class AccountsKnown(Info):
    """`ingest` has read all accounts in `seconds`, but for `unreadable` ones: its hooks can look them up."""

    seconds: float
    unreadable: int


class AccountsReadAnew(Warn):
    """The accounts topic was recreated while `ingest` followed it; it reads all accounts again."""

    topic: str


class HookSignatureRefused(Warn):
    """Deliveries to a hook are answered 401: how many since the start, and why; logged once per minute and hook."""

    hook: str
    deliveries: int
    why: str


class IngestStopped(Info):
    """`ingest` has stopped cleanly."""


class ApiStopped(Info):
    """The API has stopped cleanly."""


class ShutdownForced(Error):
    """A process did not end in time after SIGTERM and was killed. Nothing is lost; report it."""

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


class OutcomesOff(Warn):
    """The topic of outcomes is missing, so accounts show none; once it is there, the worker starts over."""

    topic: str
    advice: str


class RulePublishingOff(Warn):
    """The topic of rules is missing: each worker goes by its own scoring file; once it is there, it starts over."""

    topic: str
    advice: str


class LocalRulesIgnored(Warn):
    """The local scoring file differs from the published one, which is in force. Publish it, or remove it."""

    file: str
    in_force: str
    advice: str


class FirstRulesPublished(Info):
    """The scoring file in force, and the local ICP files, were published to the topic of rules, which had none."""

    config_version: str
    icp_files: str


class RulesNotPublished(Warn):
    """Rules could not be published or brought into force yet; it is tried again, and logged once per reason."""

    reason: str


class RulesUnreadable(Error):
    """A record of the topic `rules` cannot be read, and changes nothing. Publish the rule again."""

    problem: str


class ScoringChanged(Info):
    """Another scoring file is in force; partitions roll it out now."""

    config_version: str
    file: str


class ScoringUnreadable(Error):
    """The scoring file in force is of another version: accounts cannot be explained. Update the API."""

    problem: str


class FitChanged(Info):
    """A new fit table is in force; partitions roll it out now."""

    fit_version: int
    accounts: int


class AliasesChanged(Info):
    """Another alias map is in force; its latest changes hold for what arrives from `since` on (empty: for all)."""

    aliases: int
    since: str


class IcpReviewPassed(Warn):
    """A review date of an ICP in force has passed; written once a day. It goes on deciding; its owner reviews it."""

    icp: str
    version: int
    review_by: str
    annual_review_by: str | None = None


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
