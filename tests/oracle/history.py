"""One account through time: its signals, its level and its timers (scoring.md sections 1, 4 and 5)."""

from dataclasses import dataclass, field

from tests.oracle import alerts
from tests.oracle.alerts import Alert, Moment, PastAlerts
from tests.oracle.fits.accounts import Audience
from tests.oracle.inputs.configuration import Scoring
from tests.oracle.inputs.lines import Event
from tests.oracle.memory import RememberedIds, is_expired
from tests.oracle.scores import evidence, levels
from tests.oracle.scores.points import signal_of
from tests.oracle.scores.scoring import Score, Signal, evaluate


@dataclass(frozen=True, slots=True)
class Given:
    """An alert and why it stands apart: what triage is told of an `inbound`, and what kept it from being sent."""

    alert: Alert
    audience: str | None
    why_not: str | None
    recorded: str | None


@dataclass(slots=True)
class History:
    """Everything of one account. `clock` is the last instant at which something was decided.

    `answered_at` is the `now` of the last action that answers a hand raise; nothing sets it until there are actions.
    Ambiguous: the level of an account that was never warm began at no instant (`since` is None).
    """

    account_id: str
    audience: Audience
    scoring: Scoring
    ids: RememberedIds
    signals: list[Signal] = field(default_factory=list)
    level: str = "cold"
    since: int | None = None
    clock: int = 0
    answered_at: int | None = None
    memory: PastAlerts = field(default_factory=PastAlerts)
    alerts: list[Given] = field(default_factory=list)

    def take(self, event: Event) -> str:
        """Decide one event and say what became of it; the order of outcomes is section 1's.

        Events come in the order of their `now`, which is thereby never before the account's last.
        """
        now = event.now
        if self.ids.has(event.kind, event.event_id, now, self.scoring):
            return "duplicate"
        if is_expired(event.kind, event.occurred_at, now, self.scoring):
            return "expired"
        signal = signal_of(event, self.scoring)
        if signal is None:
            return "ignored"
        self.ids.add(event, now, self.scoring)
        self._apply(signal)
        return "applied"

    def run_timers(self, limit: int) -> None:
        """Let levels and cooldowns end, in the order of their instants, up to and including `limit`.

        A level that ends at the very instant a cooldown ends goes first.
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
        """The score at t, which is not before anything that was applied."""
        return evaluate(self.signals, t, self.scoring)

    def cools_at(self) -> int | None:
        """When the level will end without new signals; None when it is cold."""
        if self.level == "cold":
            return None
        return levels.cools_at(self.signals, self.level, self.clock, self.scoring)

    def last_signal_at(self) -> int | None:
        """Ambiguous: when the latest of the applied signals happened (not when it arrived)."""
        return max((signal.occurred_at for signal in self.signals), default=None)

    def _apply(self, signal: Signal) -> None:
        """What is due is taken before the signal; then the level may rise; then at most one alert is given."""
        now = signal.applied_at
        self.run_timers(now)
        self.signals.append(signal)
        self.clock = now
        score = self.score_at(now)
        self._rise(score, now)
        moment = self._moment(score, now)
        recorded = "backfill" if signal.backfill else None
        if self.audience.rep is not None:
            self._give(alerts.after_signal(self.memory, moment, signal, self.scoring), recorded)
        elif self.audience.triage:
            self._give(alerts.inbound(self.memory, moment, signal, self.scoring), recorded)

    def _rise(self, score: Score, now: int) -> None:
        """Rolling up: to hot, else from cold to warm (section 4)."""
        if self.level != "hot" and levels.may_become_hot(self.signals, score, now, self.scoring):
            self.level, self.since = "hot", now
            self.memory.begin_episode(now)
        elif self.level == "cold" and levels.may_become_warm(score, self.scoring):
            self.level, self.since = "warm", now

    def _level_end_by(self, limit: int) -> int | None:
        """Ambiguous: a level ends at a whole second, also for an event that comes within the second before it: such an
        event finds the level still standing, though the score may be below the exit already.
        """
        if self.level == "cold":
            return None
        return levels.ends_by(self.signals, self.level, self.clock, limit, self.scoring)

    def _cooldown_end_by(self, limit: int) -> int | None:
        """The end of a cooldown that holds back an entered_hot of the present episode."""
        waits = self.audience.rep is not None and self.level == "hot"
        end = self.memory.cooldown_end(self.scoring) if waits else None
        return end if end is not None and end <= limit else None

    def _end_level(self, at: int) -> None:
        """Rolling down: hot -> warm, then warm -> cold where the score is below that exit too, all at one instant."""
        score = self.score_at(at)
        was_hot = self.level == "hot"
        self.level = "warm" if was_hot and score.score >= self.scoring.warm.exit else "cold"
        self.since = self.clock = at
        if was_hot and self.audience.rep is not None:
            self._give(alerts.cooled(self.memory, self._moment(score, at)))

    def _end_cooldown(self, at: int) -> None:
        """Ambiguous: what a timer decides is no backfill, also where backfilled signals led to it."""
        self.clock = at
        self._give(alerts.entered_hot(self.memory, self._moment(self.score_at(at), at), None, self.scoring))

    def _moment(self, score: Score, at: int) -> Moment:
        strongest = evidence.strongest(self.signals, self.answered_at, at, self.scoring)
        return Moment(self.account_id, at, self.level, score.live, score.people, score.score, strongest)

    def _give(self, alert: Alert | None, recorded: str | None = None) -> None:
        if alert is not None:
            rep, why_not = self.audience.rep, self.audience.why_not
            self.alerts.append(Given(alert, "triage" if rep is None else rep, why_not, recorded))
