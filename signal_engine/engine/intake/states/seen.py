"""What was seen last of state feeds, by feed, account and row."""

from collections.abc import Iterable, Iterator
from typing import Final, Protocol

from signal_engine.wire.intake.seen_records import SeenRecord, SeenState


class FollowsSeen(Protocol):
    """The topic `feeds.seen`, as it grows."""

    async def up_to_date(self) -> "Seen":
        """All that is there now, whoever wrote it. Raises what the topic's reader does."""


class Seen:
    """Follows the records of `feeds.seen`, or of a file that holds them, in their order."""

    def __init__(self, records: Iterable[SeenRecord] = ()) -> None:
        self._feeds: Final[dict[str, dict[str, dict[str, SeenState]]]] = {}
        self._looked_at: Final[set[tuple[str, str]]] = set()
        self.take(records)

    def take(self, records: Iterable[SeenRecord]) -> None:
        """They say what is so from now on."""
        for one in records:
            if not one.item:
                self._looked_at.add((one.feed, one.account))
                continue
            states = self._feeds.setdefault(one.feed, {}).setdefault(one.account, {})
            if one.state is None:
                states.pop(one.item, None)
            else:
                states[one.item] = one.state

    def accounts(self, feed: str) -> Iterable[str]:
        """Of which something is kept."""
        return self._feeds.get(feed, {}).keys()

    def states(self, feed: str, account: str) -> dict[str, SeenState]:
        """Row -> its state; those that are gone, too."""
        return self._feeds.get(feed, {}).get(account, {})

    def is_looked_at(self, feed: str, account: str) -> bool:
        """Whether its rows were all kept before, so that what is new is news."""
        return (feed, account) in self._looked_at

    def records(self) -> Iterator[SeenRecord]:
        """All that is kept, as records that say the same again."""
        for feed, accounts in self._feeds.items():
            for account, states in accounts.items():
                for item, state in states.items():
                    yield SeenRecord(feed, account, item, state)
        for feed, account in sorted(self._looked_at):
            yield SeenRecord(feed, account, "", None)
