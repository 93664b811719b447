"""What answers a hand raise, and so ends its pin (scoring.md, section 7)."""

from typing import Any

import pytest

from signal_engine.core.actions.action import ActionName
from signal_engine.core.score.snapshot import pin
from tests.build import T0, after
from tests.core.actions.scene import DANA, RULES, SAM, Scene, raised

ANSWERS: list[tuple[ActionName, dict[str, Any]]] = [
    ("claim", {"until": after(50)}),
    ("disposition", {"outcome": "contacted"}),
    ("snooze", {"until": after(3)}),
    ("kill", {}),
    ("kill", {"icp": "saas"}),
    ("do_not_contact", {}),
]


@pytest.mark.parametrize(("action", "more"), ANSWERS)
def test_an_answer_ends_the_pin_and_the_next_hand_raise_pins_again(action: ActionName, more: dict[str, Any]) -> None:
    scene = Scene()
    raised(scene, T0)
    assert pin(scene.account, after(1), RULES) == after(14)
    scene.act(action, after(1), **more)
    assert pin(scene.account, after(1), RULES) is None
    raised(scene, after(2))
    assert pin(scene.account, after(2), RULES) == after(16)


@pytest.mark.parametrize(
    ("action", "more"),
    [
        ("assign", {"assignee": SAM}),
        ("mute", {"until": after(50)}),
        ("release", {}),
        ("restore", {}),
        ("lift", {}),
    ],
)
def test_what_is_no_answer_neither_ends_a_pin_nor_pins_again(action: ActionName, more: dict[str, Any]) -> None:
    scene = Scene()
    raised(scene, T0)
    scene.act(action, after(1), **more)
    assert pin(scene.account, after(1), RULES) == after(14)
    scene.act("claim", after(2), until=after(50))
    scene.act(action, after(3), **more)
    assert pin(scene.account, after(3), RULES) is None


def test_a_claim_without_effect_is_no_answer() -> None:
    scene = Scene()
    scene.act("claim", T0, by=SAM, until=after(50))
    raised(scene, after(1))
    scene.act("claim", after(2), by=DANA, until=after(50))
    assert pin(scene.account, after(2), RULES) == after(15)
    scene.act("claim", after(3), by=DANA, until=after(50), take_over=True)
    assert pin(scene.account, after(3), RULES) is None
    assert scene.fit is not None
    assert scene.fit.actions.claim is not None
    assert scene.fit.actions.claim.by == DANA
