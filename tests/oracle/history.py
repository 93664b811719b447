"""One account through time: its signals, its level and its timers (scoring.md sections 1, 4 and 5)."""

from dataclasses import dataclass, field

from . import alerts, levels
from .alerts import Alert, AlertMemory, Moment
from .configuration import Scoring
from .lines import Event
from .memory import RememberedIds, is_expired
from .points import Worth, facet_of, worth_of
from .scoring import Score, Signal, evaluate


@dataclass(slots=True)
class History:
    """Everything of one account. `clock` is the last instant at which something was decided.

    Ambiguous: the level of an account that was never warm began at no instant (`since` is None).
    """

    account_id: str
    may_alert: bool
    scoring: Scoring
    ids: RememberedIds
    signals: list[Signal] = field(default_factory=list)
    level: str = "cold"
    since: int | None = None
    clock: int = 0
    memory: AlertMemory = field(default_factory=AlertMemory)
    alerts: list[Alert] = field(default_factory=list)

    def take(self, event: Event) -> str:
        """Decide one event and say what became of it; the order of outcomes is section 1's.

        Events come in the order of their `now`, which is thereby never before the account's last.
        """
        now = event.now
        if self.ids.has(event.event_id, now, self.scoring):
            return "duplicate"
        if is_expired(event.kind, event.occurred_at, now, self.scoring):
            return "expired"
        worth = worth_of(event, self.scoring.kinds[event.kind]) if event.kind in self.scoring.kinds else None
        if worth is None:
            return "ignored"
        self._apply(event, worth, now)
        return "applied"

    def run_timers(self, limit: int) -> None:
        """Let levels and cooldowns end, in the order of their instants, up to and including `limit`.

        A level that ends at the very instant a cooldown ends goes first: "only if the level has not ended at or before
        it". Ambiguous: a timer due at the very instant of an event is decided before the event.
        """
        while True:
            level_end = self._level_end_by(limit)
            cooldown_end = self._cooldown_end_by(limit)
            if level_end is not None and (cooldown_end is None or level_end <= cooldown_end):
                self._end_level(level_end)
            elif cooldown_end is not None:
                self._end_cooldown(cooldown_end)
            else:
                return

    def score_at(self, t: int) -> Score:
        """The score at t from the signals applied up to t, those applied at t included."""
        return evaluate((signal for signal in self.signals if signal.applied_at <= t), t, self.scoring)

    def cools_at(self) -> int | None:
        """When the level will end without new signals; None when it is cold."""
        return None if self.level == "cold" else levels.cools_at(self.signals, self._exit(), self.clock, self.scoring)

    def last_signal_at(self) -> int | None:
        """Ambiguous: when the latest of the applied signals happened (not when it arrived)."""
        return max((signal.occurred_at for signal in self.signals), default=None)

    def _apply(self, event: Event, worth: Worth, now: int) -> None:
        self.run_timers(now)
        facet = facet_of(event, self.scoring.kinds[event.kind])
        self.signals.append(Signal(event.event_id, event.kind, facet, worth.points, event.occurred_at, now))
        self.ids.add(event, now, self.scoring)
        self.clock = now
        score = evaluate(self.signals, now, self.scoring)
        self._rise(score, now)
        hand_raise = event.event_id if worth.act_now else None
        if self.may_alert:
            self._give(alerts.after_signal(self.memory, self._moment(score, now), hand_raise, self.scoring))

    def _rise(self, score: Score, now: int) -> None:
        """Rolling up: to hot, else from cold to warm (section 4)."""
        hot, warm = self.scoring.hot, self.scoring.warm
        if self.level != "hot" and score.score >= hot.enter and len(score.live) >= hot.min_kinds:
            self.level, self.since = "hot", now
            self.memory.begin_episode(now)
        elif self.level == "cold" and score.score >= warm.enter and len(score.live) >= warm.min_kinds:
            self.level, self.since = "warm", now

    def _level_end_by(self, limit: int) -> int | None:
        """Ambiguous: a level ends at a whole second, also for an event that comes within the second before it: such an
        event finds the level still standing, though the score may be below the exit already.
        """
        if self.level == "cold":
            return None
        return levels.ends_by(self.signals, self._exit(), self.clock, limit, self.scoring)

    def _cooldown_end_by(self, limit: int) -> int | None:
        """The end of a cooldown that holds back an entered_hot of the present episode."""
        end = self.memory.cooldown_end(self.scoring) if self.may_alert and self.level == "hot" else None
        return end if end is not None and end <= limit else None

    def _end_level(self, at: int) -> None:
        """Rolling down: hot -> warm, then warm -> cold where the score is below that exit too, all at one instant."""
        score = evaluate(self.signals, at, self.scoring)
        was_hot = self.level == "hot"
        self.level = "warm" if was_hot and score.score >= self.scoring.warm.exit else "cold"
        self.since = self.clock = at
        if was_hot and self.may_alert:
            self._give(alerts.cooled(self.memory, self._moment(score, at)))

    def _end_cooldown(self, at: int) -> None:
        self.clock = at
        score = evaluate(self.signals, at, self.scoring)
        self._give(alerts.entered_hot(self.memory, self._moment(score, at), self.scoring))

    def _moment(self, score: Score, at: int) -> Moment:
        return Moment(self.account_id, at, self.level, score.live, score.score)

    def _exit(self) -> float:
        return self.scoring.hot.exit if self.level == "hot" else self.scoring.warm.exit

    def _give(self, alert: Alert | None) -> None:
        if alert is not None:
            self.alerts.append(alert)
