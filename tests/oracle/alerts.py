"""Alerts: what is given after a signal, at the end of a cooldown and at the end of a level (scoring.md section 5).

Everything here is for an account that may alert at all (chased and not suppressed); the caller sees to that.
"""

from dataclasses import dataclass, field

from .configuration import Scoring


@dataclass(frozen=True, slots=True)
class Moment:
    """The account at the instant of a decision."""

    account_id: str
    at: int
    level: str
    live: frozenset[str]
    score: float


@dataclass(frozen=True, slots=True)
class Alert:
    """One alert. `identity` is what its alert_id is made of: account, type and the ms at which the episode began (and
    the newly named kinds of new_evidence); of a hand raise the account and the event alone.
    """

    type: str
    moment: Moment
    episode: int | None
    identity: tuple[object, ...]


@dataclass(slots=True)
class AlertMemory:
    """What outlives the signals: the episode, the last alert (when, which kinds it named) and the last hand raise."""

    episode: int = 0
    began: int = 0
    alerted: bool = False
    named: frozenset[str] = frozenset()
    last_at: int | None = None
    last_kinds: frozenset[str] = field(default_factory=frozenset)
    hand_raised_at: int | None = None

    def begin_episode(self, now: int) -> None:
        """A rise to hot; a new episode starts with no kind named (sections 4 and 5)."""
        self.episode += 1
        self.began = now
        self.alerted = False
        self.named = frozenset()

    def cooldown_end(self, scoring: Scoring) -> int | None:
        """When an entered_hot of this episode that was held back is decided again; None before the first alert."""
        return None if self.alerted or self.last_at is None else self.last_at + scoring.cooldown

    def note(self, moment: Moment) -> None:
        """An alert of this episode: it names the kinds live now and is the account's last alert."""
        self.alerted = True
        self.named |= moment.live
        self.last_at, self.last_kinds = moment.at, moment.live


def after_signal(memory: AlertMemory, moment: Moment, hand_raise: str | None, scoring: Scoring) -> Alert | None:
    """At most one: hand_raise, else entered_hot, else new_evidence. `hand_raise` is the id of an act_now event."""
    if hand_raise is not None and not _hand_raised_lately(memory, moment.at, scoring):
        return _hand_raise(memory, moment, hand_raise)
    return entered_hot(memory, moment, scoring) or _new_evidence(memory, moment)


def entered_hot(memory: AlertMemory, moment: Moment, scoring: Scoring) -> Alert | None:
    """Level is hot, this episode has not alerted, and no cooldown holds it back.

    A cooldown does not hold when a kind is live now that was not in the last alert. It has ended at its end.
    """
    if moment.level != "hot" or memory.alerted:
        return None
    within = memory.last_at is not None and moment.at - memory.last_at < scoring.cooldown
    if within and moment.live <= memory.last_kinds:
        return None
    memory.note(moment)
    return Alert("entered_hot", moment, memory.episode, _of_episode(memory, moment, "entered_hot"))


def cooled(memory: AlertMemory, moment: Moment) -> Alert | None:
    """The level left hot in an episode that had alerted. It is never the last alert."""
    if not memory.alerted:
        return None
    return Alert("cooled", moment, memory.episode, _of_episode(memory, moment, "cooled"))


def _new_evidence(memory: AlertMemory, moment: Moment) -> Alert | None:
    """This episode has alerted and a kind is live that no alert of it named.

    Ambiguous: the condition does not name the level; "at a lower level it belongs to no episode" is said of a hand
    raise, and taken to mean that an episode lasts while the level is hot.
    """
    new = moment.live - memory.named
    if moment.level != "hot" or not memory.alerted or not new:
        return None
    memory.note(moment)
    identity = _of_episode(memory, moment, "new_evidence")
    return Alert("new_evidence", moment, memory.episode, (*identity, *sorted(new)))


def _hand_raise(memory: AlertMemory, moment: Moment, event_id: str) -> Alert:
    """At level hot an alert of the episode like any other; lower it has no episode and is not the last alert."""
    memory.hand_raised_at = moment.at
    identity = (moment.account_id, event_id)
    if moment.level != "hot":
        return Alert("hand_raise", moment, None, identity)
    memory.note(moment)
    return Alert("hand_raise", moment, memory.episode, identity)


def _hand_raised_lately(memory: AlertMemory, now: int, scoring: Scoring) -> bool:
    """Ambiguous: at exactly `hand_raise_hours` another one is allowed, as the cooldown has ended at its end."""
    return memory.hand_raised_at is not None and now - memory.hand_raised_at < scoring.hand_raise


def _of_episode(memory: AlertMemory, moment: Moment, type_: str) -> tuple[object, ...]:
    return (moment.account_id, type_, memory.began // 1000)
