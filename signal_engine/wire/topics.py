"""Names of the topics, before the configured prefix."""

from typing import Final

from signal_engine.core.kinds import KINDS

SIGNAL_TOPICS: Final[dict[str, str]] = {kind: f"signals.{kind}" for kind in KINDS}
"""Kind -> topic."""

PRIORITY_LISTS: Final = "priority.lists"
PRIORITY_ACCOUNTS: Final = "priority.accounts"
ALERTS: Final = "alerts"
DEAD_LETTERS: Final = "signals.dlq"
