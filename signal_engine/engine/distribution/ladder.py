"""How many accounts would become hot at other thresholds: several are tracked at the same time."""

from collections.abc import Sequence
from typing import Final

from signal_engine.core.rules.instants import DAY
from signal_engine.core.rules.policy import Levels
from signal_engine.wire.output.distribution import HotAWeek

_THRESHOLDS: Final = (30.0, 40.0, 50.0, 60.0)
"""Thresholds tried in addition to the one in force, in points."""
_WEEK_MS: Final = 7 * DAY


class Ladder:
    """Tracks which accounts are hot at each threshold, and counts how often one becomes hot.

    Only `hot.enter` varies. `hot.exit` changes in proportion (X * exit / enter for threshold X), so that the hysteresis
    stays relatively as wide; `min_kinds` and silence stay as they are. Memory: one small number per account that is hot
    at the lowest threshold.
    """

    def __init__(self, levels: Levels) -> None:
        hot = levels.hot
        enters = sorted({*_THRESHOLDS, hot.enter})
        self._steps = [(enter, enter * hot.exit / hot.enter) for enter in enters]
        self._rises = [0] * len(enters)
        self.hot: Final[dict[str, int]] = {}
        """Account -> the thresholds at which it is hot, as bits."""
        self.lowest = enters[0]
        """The lowest threshold. An account below it matters only while it is hot."""

    def __contains__(self, name: str) -> bool:
        """Whether an account was hot at any threshold when last checked."""
        return name in self.hot

    def roll_down(self, name: str, score: float, *, silent: bool = False) -> None:
        """Lower an account with `score` before its next signal is processed."""
        hot = self.hot.get(name, 0)
        for step, (_, leaves) in enumerate(self._steps):
            if silent or score < leaves:
                hot &= ~(1 << step)
        self._keep(name, hot)

    def roll_up(self, name: str, score: float) -> None:
        """Count the thresholds that an account with `score` reaches. It must have enough kinds and not be silent."""
        hot = self.hot.get(name, 0)
        for step, (enters, _) in enumerate(self._steps):
            if score >= enters and not hot >> step & 1:
                hot |= 1 << step
                self._rises[step] += 1
        self._keep(name, hot)

    def a_week(self, period: int) -> list[HotAWeek]:
        """The rises at each threshold over `period` ms, lowest threshold first."""
        weeks = max(1.0, period / _WEEK_MS)
        return [
            {"enter": enters, "exit": round(leaves, 2), "rises": rises, "a_week": round(rises / weeks, 2)}
            for (enters, leaves), rises in zip(self._steps, self._rises, strict=True)
        ]

    def rises_at(self, enter: float) -> int:
        """How often an account became hot at a threshold that is tracked."""
        return next(rises for (enters, _), rises in zip(self._steps, self._rises, strict=True) if enters == enter)

    def _keep(self, name: str, hot: int) -> None:
        if hot:
            self.hot[name] = hot
        else:
            self.hot.pop(name, None)


class HighestFew:
    """The accounts with the highest scores, each at its maximum."""

    def __init__(self, max_names: int) -> None:
        self._max_names = max_names
        self._best: dict[str, float] = {}
        self.asks = 0.0
        """A score at or below this changes nothing."""

    def see(self, name: str, score: float) -> None:
        """Note that an account had `score`."""
        if score <= self.asks or score <= self._best.get(name, 0.0):
            return
        if name not in self._best and len(self._best) == self._max_names:
            del self._best[min(self._best, key=lambda one: (self._best[one], one))]
        self._best[name] = score
        if len(self._best) == self._max_names:
            self.asks = min(self._best.values())

    def ranked(self) -> Sequence[tuple[str, float]]:
        """(account, its best score), highest first."""
        return sorted(self._best.items(), key=lambda one: (-one[1], one[0]))
