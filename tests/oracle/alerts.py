"""Alerts: what is given after a signal, at the end of a cooldown and at the end of a level (scoring.md section 5).

All but `inbound` is for an account that may get a rep's alert; the caller sees to that.
"""

from dataclasses import dataclass, field

from tests.oracle.inputs.configuration import Scoring
from tests.oracle.scores.scoring import Signal


@dataclass(frozen=True, slots=True)
class Moment:
    """The account at the instant of a decision. `strongest` is what an alert of the episode tells (section 7)."""

    account_id: str
    at: int
    level: str
    live: frozenset[str]
    people: frozenset[str]
    score: float
    strongest: Signal | None


@dataclass(frozen=True, slots=True)
class Alert:
    """One alert. `identity` is what its alert_id is made of: account, type and the ms at which the episode began, and
    what is newly named in new_evidence; of an alert by a signal of its own: account, kind and event_id.

    `why_now` is the signal it tells, `tipped_by` the one that tipped it where that is another.
    """

    type: str
    moment: Moment
    episode: int | None
    identity: tuple[object, ...]
    why_now: Signal | None = None
    tipped_by: Signal | None = None
    raised_by: str | None = None


@dataclass(slots=True)
class PastAlerts:
    """What outlives the signals: the episode, the last alert (when, which kinds it named) and the three limits.

    `raised` is one book for `hand_raise` and `inbound`: when, by persona.
    """

    episode: int = 0
    began: int = 0
    alerted: bool = False
    kinds: frozenset[str] = frozenset()
    people: frozenset[str] = frozenset()
    last_at: int | None = None
    last_kinds: frozenset[str] = frozenset()
    raised: dict[str, int] = field(default_factory=dict)
    triggered_at: int | None = None

    def begin_episode(self, now: int) -> None:
        """A rise to hot; a new episode starts with no kind and no persona named (sections 4 and 5)."""
        self.episode += 1
        self.began = now
        self.alerted = False
        self.kinds = self.people = frozenset()

    def cooldown_end(self, scoring: Scoring) -> int | None:
        """When an entered_hot of this episode that was held back is decided again; None when none is held back."""
        return None if self.alerted or self.last_at is None else self.last_at + scoring.cooldown

    def note(self, moment: Moment) -> None:
        """An alert of this episode: it names what is live now and is the account's last alert."""
        self.alerted = True
        self.kinds |= moment.live
        self.people |= moment.people
        self.last_at, self.last_kinds = moment.at, moment.live


def after_signal(memory: PastAlerts, moment: Moment, signal: Signal, scoring: Scoring) -> Alert | None:
    """At most one; one that a limit holds back counts as not given, and the next is asked."""
    return (
        _hand_raise(memory, moment, signal, scoring)
        or entered_hot(memory, moment, signal, scoring)
        or _trigger(memory, moment, signal, scoring)
        or _new_evidence(memory, moment, signal)
    )


def entered_hot(memory: PastAlerts, moment: Moment, signal: Signal | None, scoring: Scoring) -> Alert | None:
    """Level is hot, this episode has not alerted, and no cooldown holds it back; without a signal, at a cooldown's end.

    A cooldown does not hold when a kind is live now that was not in the last alert. It has ended at its end.
    """
    if moment.level != "hot" or memory.alerted:
        return None
    if _holds(memory.last_at, scoring.cooldown, moment.at) and moment.live <= memory.last_kinds:
        return None
    memory.note(moment)
    return _of_episode("entered_hot", memory, moment, signal)


def cooled(memory: PastAlerts, moment: Moment) -> Alert | None:
    """The level left hot in an episode that had alerted. It is never the last alert."""
    if not memory.alerted:
        return None
    return Alert("cooled", moment, memory.episode, _episode_identity("cooled", memory, moment))


def inbound(memory: PastAlerts, moment: Moment, signal: Signal, scoring: Scoring) -> Alert | None:
    """A hand raise of an account that may get no rep's alert.

    Ambiguous: it belongs to no episode, whatever the level, as it is never the last alert.
    """
    if not _may_raise(memory, moment, signal, scoring):
        return None
    memory.raised[signal.persona] = moment.at
    return Alert("inbound", moment, None, _signal_identity(moment, signal), signal, raised_by=signal.persona)


def _hand_raise(memory: PastAlerts, moment: Moment, signal: Signal, scoring: Scoring) -> Alert | None:
    if not _may_raise(memory, moment, signal, scoring):
        return None
    memory.raised[signal.persona] = moment.at
    return _by_signal("hand_raise", memory, moment, signal, signal.persona)


def _trigger(memory: PastAlerts, moment: Moment, signal: Signal, scoring: Scoring) -> Alert | None:
    """A fresh trigger event, at most one in `trigger_days`."""
    if not signal.trigger or moment.at - signal.at >= scoring.trigger:
        return None
    if _holds(memory.triggered_at, scoring.trigger, moment.at):
        return None
    memory.triggered_at = moment.at
    return _by_signal("trigger", memory, moment, signal, None)


def _new_evidence(memory: PastAlerts, moment: Moment, signal: Signal) -> Alert | None:
    """This episode has alerted, and a kind or a named persona is live that no alert of it named.

    Ambiguous: the condition does not name the level; "at a lower level it belongs to no episode" is said of a hand
    raise, and taken to mean that an episode lasts while the level is hot.
    """
    kinds, people = moment.live - memory.kinds, moment.people - memory.people
    if moment.level != "hot" or not memory.alerted or not (kinds or people):
        return None
    memory.note(moment)
    return _of_episode("new_evidence", memory, moment, signal, *sorted(kinds), *sorted(people))


def _may_raise(memory: PastAlerts, moment: Moment, signal: Signal, scoring: Scoring) -> bool:
    """A fresh hand raise, and none of this persona within `hand_raise_hours`."""
    fresh = signal.act_now and moment.at - signal.at < scoring.pin
    return fresh and not _holds(memory.raised.get(signal.persona), scoring.hand_raise, moment.at)


def _holds(last: int | None, limit: int, now: int) -> bool:
    """Whether a limit still holds; it ends at the instant last + limit."""
    return last is not None and now < last + limit


def _by_signal(type_: str, memory: PastAlerts, moment: Moment, signal: Signal, raised_by: str | None) -> Alert:
    """At level hot an alert of the episode like any other; lower it has no episode and is not the last alert."""
    identity = _signal_identity(moment, signal)
    if moment.level != "hot":
        return Alert(type_, moment, None, identity, signal, raised_by=raised_by)
    memory.note(moment)
    return Alert(type_, moment, memory.episode, identity, signal, raised_by=raised_by)


def _of_episode(type_: str, memory: PastAlerts, moment: Moment, signal: Signal | None, *newly_named: str) -> Alert:
    """It tells the strongest signal, and the one that tipped it where that is another.

    Ambiguous: it tells the strongest also while the account is pinned, where a list tells the hand raise.
    """
    identity = (*_episode_identity(type_, memory, moment), *newly_named)
    tipped_by = None if signal == moment.strongest else signal
    return Alert(type_, moment, memory.episode, identity, moment.strongest, tipped_by)


def _episode_identity(type_: str, memory: PastAlerts, moment: Moment) -> tuple[object, ...]:
    return (moment.account_id, type_, memory.began // 1000)


def _signal_identity(moment: Moment, signal: Signal) -> tuple[object, ...]:
    return (moment.account_id, signal.kind, signal.event_id)
