"""What the process has done since it started, for `/metrics` and `/readyz`."""

from collections import Counter
from dataclasses import dataclass, field


@dataclass(slots=True)
class NotifyFigures:
    """Counts by destination and alert type; instants are ms."""

    ends: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    """(destination, alert type, what became of it) -> deliveries."""
    attempts: Counter[tuple[str, str]] = field(default_factory=Counter)
    """(destination, end of the attempt) -> attempts."""
    maybe_twice: Counter[str] = field(default_factory=Counter)
    """Destination -> messages sent again although they may have arrived."""
    unreadable: int = 0
    """Records of the topic that are no alerts."""
    rows_unreadable: int = 0
    """Rows of the ledger that cannot be read, and were set aside."""
    not_for_people: int = 0
    """Alerts that the engine recorded without sending them."""
    late: Counter[tuple[str, str]] = field(default_factory=Counter)
    """(phase, told to) -> how often somebody was to be told that an alert waits."""
    unreached: Counter[str] = field(default_factory=Counter)
    """`Unreached` -> alerts that were meant for a person, and that the fallback got."""
    planned: int = 0
    """Alerts planned."""
    last_success: dict[tuple[str, str], int] = field(default_factory=dict)
    """(destination, alert type) -> when."""
    last_error: dict[tuple[str, str], int] = field(default_factory=dict)
    """Likewise."""
    failing: dict[str, str] = field(default_factory=dict)
    """Destination -> what it said, while nothing gets through."""
    disabled: dict[str, str] = field(default_factory=dict)
    """Destination -> why nothing is sent there."""
    reading: bool = False
    """Whether partitions are assigned."""
