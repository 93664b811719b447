"""Whoever adds up the evidence of a message gets each part of its score, however much of it a medium shows."""

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signal_engine.wire.messages.behind_the_score import EvidencedPart, EvidenceLine, rest
from signal_engine.wire.messages.content import message
from signal_engine.wire.messages.mail import mail
from signal_engine.wire.messages.slack import slack_message
from tests.wire.delivery.alerts import evidence
from tests.wire.messages.test_content import CONTEXT, alert_of

KINDS = ("intent", "hiring", "engagement")
_POINTS = re.compile(r"(\w+) ([+-]?\d+)(?:,|$)")
_LINE = st.builds(lambda kind, points: (kind, points), st.sampled_from(KINDS), st.integers(0, 40))
_PART = st.tuples(st.integers(0, 60), st.floats(0, 30), st.floats(-30, 0))


def of(kind: str, points: int) -> EvidenceLine:
    return EvidenceLine("seen", f"{kind} {points}, Mon 30 Nov", None, kind, points)


@given(st.lists(_LINE, max_size=9), st.tuples(_PART, _PART, _PART), st.data())
def test_what_is_shown_and_the_rest_make_up_the_part(
    drawn: list[tuple[str, int]], made: tuple[tuple[int, float, float], ...], data: st.DataObject
) -> None:
    lines = [of(*one) for one in drawn]
    has = {kind for kind, _ in drawn}
    parts = [EvidencedPart(kind, *one) for kind, one in zip(KINDS, made, strict=True) if kind in has]
    shown = data.draw(st.integers(0, len(lines)))
    told = rest(parts, lines, shown)
    assert len(told) <= 3
    for part in parts:
        sum_ = sum(line.points for line in lines[:shown] if line.kind == part.kind)
        sum_ += sum(int(points) for line in told for kind, points in _POINTS.findall(line) if kind == part.kind)
        assert sum_ == part.points


@pytest.mark.parametrize(
    ("others", "points", "shown", "told"),
    [
        (0.0, 33, 3, ()),
        (0.0, 32, 3, ("more of the same counts less: engagement -1",)),
        (0.0, 27, 3, ("more of the same counts less: engagement -6",)),
        (4.4, 31, 3, ("all others, weaker: engagement 4", "more of the same counts less: engagement -6")),
        (0.0, 27, 2, ("1 more, weaker: engagement 2", "more of the same counts less: engagement -6")),
        (4.4, 31, 1, ("all others, weaker: engagement 17", "more of the same counts less: engagement -6")),
        (4.4, 24, 3, ("more of the same counts less: engagement -9",)),
        (0.0, 34, 3, ("rounding: engagement +1",)),
    ],
)
def test_the_rest_in_words(others: float, points: int, shown: int, told: tuple[str, ...]) -> None:
    lines = [of("engagement", one) for one in (20, 11, 2)]
    assert rest([EvidencedPart("engagement", points, others, -6.0)], lines, shown) == told


def test_what_no_cap_takes_away_is_rounding() -> None:
    lines = [of("intent", 5), of("intent", 5)]
    assert rest([EvidencedPart("intent", 9, 0.0, 0.0)], lines, 2) == ("rounding: intent -1",)


def test_a_signal_that_no_longer_counts_is_still_counted() -> None:
    assert rest([EvidencedPart("intent", 5, 0.0, 0.0)], [of("intent", 5), of("intent", 0)], 1) == ("1 more, weaker",)


def test_every_medium_closes_the_sum() -> None:
    parts: list[dict[str, Any]] = [
        {
            "part": "engagement",
            "points": 27.0,
            "evidence": [evidence("asked", 20.0, kind="engagement"), evidence("read", 11.0, kind="engagement")],
            "others": 2.0,
            "saturated": -6.0,
        }
    ]
    content = message(alert_of(score=27.0, parts=parts), CONTEXT)
    less = "more of the same counts less: engagement -6"
    assert content.facts[2].text == "27 of 100 = engagement 27"
    for told in (str(slack_message(content)), mail(content).text, mail(content).html):
        assert "all others, weaker: engagement 2" in told
        assert less in told


def test_of_an_account_that_went_quiet_no_sum_is_told() -> None:
    assert message(alert_of(type="cooled"), CONTEXT).rest(0) == ()
