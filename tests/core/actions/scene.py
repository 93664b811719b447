"""Scenes of one account in which people act, too."""

from typing import Any
from uuid import UUID

from signal_engine.core.acting import ActionOutcome, act
from signal_engine.core.actions.action import AccountAction, ActionName
from signal_engine.core.actions.log import EMPTY
from signal_engine.core.flow import advance
from signal_engine.core.rules.events import Event
from tests.build import ACME, HAND_RAISES, T0, TRIGGERS, Story, event, kind, policy

RULES = policy(
    kind("intent", 10),
    kind("hiring", 10),
    kind("funding", 10),
    kind("engagement", 10, rules=HAND_RAISES),
    kind("leadership", 10, rules=TRIGGERS),
)
DANA, SAM = "dana@example.com", "sam@example.com"


class Scene(Story):
    """A story in which people act, too; their actions have ids of their own."""

    def __init__(self, **more: Any) -> None:
        super().__init__(RULES, **more)
        self.log = EMPTY
        self.acts = 0
        self.acted: ActionOutcome | None = None

    def tell(self, event: Event, now: int | None = None) -> list[tuple[str, int]]:
        now = event.occurred_at if now is None else now
        self.outcome, alerts, self.reason = advance(
            self.account, event, now, self.fit, self.scoring_context, acted=self
        )
        return self._said(alerts)

    def act(self, action: ActionName, now: int, by: str = DANA, **more: Any) -> list[tuple[str, int]]:
        self.acts += 1
        told = AccountAction(ACME, str(UUID(int=self.acts)), action, now, by, "cli", **more)
        self.acted, self.log, alerts = act(self.account, told, now, self, self.log, self.scoring_context)
        return self._said(alerts)

    @property
    def recorded(self) -> list[str | None]:
        return [one.decision.recorded for one in self.alerts]


def hot(now: int = T0, **more: Any) -> Scene:
    """Hot by intent at `now`, and alerted."""
    scene = Scene(**more)
    assert scene.tell(event("intent", 80, now)) == [("entered_hot", now)]
    return scene


def raised(scene: Scene, at: int) -> list[tuple[str, int]]:
    return scene.tell(event("engagement", 10, at, activity="demo_request", persona=str(at)))
