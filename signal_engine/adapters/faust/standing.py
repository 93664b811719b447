"""Which topic-partitions aiokafka reads from where it was told to.

Each rebalance gives it a new assignment, also of partitions that stay. Until somebody seeks, it reads from the group's
offsets. Those are earlier than the stored positions, or later where the store has lost its last second: what is read
from there must not pass for what follows a stored position.
"""

from typing import Any

from aiokafka import TopicPartition


class Standing:
    """The states of the assignment in which positions were set."""

    def __init__(self) -> None:
        self._states: dict[TopicPartition, Any] = {}

    def note(self, consumer: Any, place: TopicPartition) -> None:
        """Its position was set just now."""
        self._states[place] = _state(consumer, place)

    def holds(self, consumer: Any, place: TopicPartition) -> bool:
        """Whether its position was set since it was assigned last."""
        state = _state(consumer, place)
        return state is not None and state is self._states.get(place)


def _state(consumer: Any, place: TopicPartition) -> Any:
    subscription = consumer._subscription.subscription  # noqa: SLF001 (pinned by a test)
    assignment = None if subscription is None else subscription.assignment
    return None if assignment is None else assignment.state_value(place)
