"""What a judge of ordinary events is asked of a replay, and what it tells the market that follows."""

from collections.abc import Callable, Container, Mapping, Sequence
from typing import NamedTuple, Protocol

from signal_engine.core.rules.events import Event
from signal_engine.engine.partition.account_cache import HeldState
from signal_engine.engine.partition.ordinary.alerts import Told


class ReplayedAccounts(NamedTuple):
    """The accounts of a replay. Asked about one, whoever judges does not call back."""

    held: dict[str, HeldState]
    """Those that the judge holds."""
    wake: Callable[[str], HeldState | None]
    """An account that is not among them, which is then; None if it is Python's."""
    audience: Callable[[str], tuple[bool, bool]]
    """Whether somebody may be alerted of one, and whether a hand raise is passed on where nobody may; neither changes
    while the judge holds it.
    """
    tell: Callable[[Told], None]
    """Takes an event of which there is more to tell."""


class ReplayedMarket(Protocol):
    """What follows a replay, by way of whoever judges it."""

    @property
    def reached(self) -> Container[str]:
        """The accounts that count."""

    @property
    def climbed(self) -> Mapping[str, int]:
        """The accounts of which `rolled_down` wants to know; always the same mapping, which changes."""

    @property
    def most_by_kinds(self) -> Sequence[float]:
        """By the number of an account's kinds, the highest multiplier."""

    @property
    def asks(self) -> float:
        """The score from which an account is told."""

    def scored(self, name: str, score: float, live: int, silent: bool, /) -> float:  # noqa: FBT001 (a native caller)
        """The score of an account after a signal, with its live kinds, and whether it is silent; returns `asks`."""

    def rolled_down(self, name: str, score: float, silent: bool, /) -> None:  # noqa: FBT001 (as above)
        """The score of one of `climbed` before it is judged, and whether it is silent."""

    def told(self, judged: "JudgedMarket", /) -> None:
        """What came of events that somebody else judged."""


class JudgedMarket(NamedTuple):
    """What a market counts of events."""

    began: int | None
    """When (ms) the first signal was applied."""
    personas: Sequence[tuple[str, int]]
    """Persona, its applied signals."""
    kinds: Sequence[str]
    """The kinds of signals of accounts that count."""
    seen: Sequence[tuple[str, str]]
    """Accounts that count and had a signal, each with a level that one left."""
    background: Sequence[tuple[str, int, int]]
    """Kind, its events of which rules were asked, those of them for which none holds."""


ReplayedEvent = tuple[int, str, int, int, Event]
"""The instant of its arrival (ms), three fields by which arrivals of one instant are ordered, the event."""
