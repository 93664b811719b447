"""Names of the topics, before and with the configured prefix."""

from typing import Final, NamedTuple

from signal_engine.core.rules.kinds import KINDS

SIGNAL_TOPICS: Final[dict[str, str]] = {kind: f"signals.{kind}" for kind in KINDS}
"""Kind -> topic."""

PRIORITY_LISTS: Final = "priority.lists"
PRIORITY_ACCOUNTS: Final = "priority.accounts"
ALERTS: Final = "alerts"
DEAD_LETTERS: Final = "signals.dlq"
ACCOUNT_ACTIONS: Final = "account.actions"
_INGEST_DEAD_LETTERS: Final = "ingest.dlq"
RULES: Final = "rules"
FIT_ACCOUNTS: Final = "fit.accounts"
FIT_HISTORY: Final = "fit.history"
_FEEDS_SEEN: Final = "feeds.seen"
OUTCOMES: Final = "outcomes"
_DIGESTS_STOPPED: Final = "digests.stopped"


class TopicNames(NamedTuple):
    """The topics of one engine as they are named on its servers."""

    signals: dict[str, str]
    """Kind -> topic."""
    lists: str
    accounts: str
    alerts: str
    dead_letters: str
    actions: str
    ingest_dead_letters: str
    rules: str
    fit_accounts: str
    fit_history: str
    feeds_seen: str
    outcomes: str
    digests_stopped: str


def topic_names(prefix: str = "") -> TopicNames:
    """The names with `prefix` before each, as it stands."""
    signals = {kind: prefix + topic for kind, topic in SIGNAL_TOPICS.items()}
    outputs = (PRIORITY_LISTS, PRIORITY_ACCOUNTS, ALERTS, DEAD_LETTERS, ACCOUNT_ACTIONS, _INGEST_DEAD_LETTERS)
    others = (*outputs, RULES, FIT_ACCOUNTS, FIT_HISTORY, _FEEDS_SEEN, OUTCOMES, _DIGESTS_STOPPED)
    return TopicNames(signals, *(prefix + topic for topic in others))
