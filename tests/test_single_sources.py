"""Each fact is written once; where a second place must know it, a test ties the two."""

import re
from dataclasses import replace
from pathlib import Path
from typing import get_args

import pytest

from signal_engine.adapters.http import dashboard
from signal_engine.adapters.http.dashboard.acting import HIDING
from signal_engine.adapters.terminal.tables import TYPE_STYLE
from signal_engine.core.actions.action import KEEPING
from signal_engine.core.alerting.alerts import ALERT_TYPES
from signal_engine.core.fit.reasons import NoAlertReason
from signal_engine.core.rules.kinds import (
    BUYING_GROUP,
    KINDS,
    LIVE_STORED_NUMBER,
    OWN_FIELDS,
    STORED_BITS,
    STORED_NUMBER,
)
from signal_engine.core.rules.policy import HEAT, AlertPolicy, Level, Levels, ListPolicy, Policy, Stack
from signal_engine.core.score.wording import _LINES
from signal_engine.engine.door.check import CLAIM_DAYS, DISPOSITION_DAYS, REVIEW_DAYS
from signal_engine.entrypoints.commands.actions.command import kill
from signal_engine.entrypoints.wiring.settings import Settings
from signal_engine.wire.actions.models import MAX_REASON
from signal_engine.wire.config import scoring_file
from signal_engine.wire.events.examples import EVENTS
from signal_engine.wire.events.models import EVENT_MODELS
from signal_engine.wire.output.alert_words import ALERT_IN_WORDS
from signal_engine.wire.output.words import IN_WORDS
from testing import topics

SHIPPED = Path("config/scoring.yaml")
ACT = Path(dashboard.__file__).parent / "static" / "act.js"
STYLE = Path(dashboard.__file__).parent / "static" / "style.css"


def test_stored_numbers_of_kinds_never_change():
    assert STORED_NUMBER == {
        "intent": 0, "hiring": 1, "funding": 2, "engagement": 3, "technographic": 4, "leadership": 5,
    }  # fmt: skip
    assert set(STORED_NUMBER) == set(KINDS), "a kind without a stored number cannot be kept"
    assert max(STORED_NUMBER.values()) < 1 << STORED_BITS, "a stamp has no room for this number: law 2 would fail"


def test_stored_numbers_of_levels_and_of_what_is_live_never_change():
    assert HEAT == {"cold": 0, "warm": 1, "hot": 2}
    assert LIVE_STORED_NUMBER == {**STORED_NUMBER, BUYING_GROUP: 15}
    assert set(HEAT) == set(get_args(Level))


@pytest.mark.parametrize(
    "table", [OWN_FIELDS, _LINES, EVENT_MODELS, EVENTS], ids=["fields", "lines", "models", "examples"]
)
def test_whatever_differs_by_kind_knows_every_kind(table):
    assert set(table) == set(KINDS)


@pytest.mark.parametrize("kind", KINDS)
def test_the_page_has_a_colour_for_every_kind(kind):
    style = STYLE.read_text()
    assert style.count(f"--k-{kind}:") == 2, "one for the light page and one for the dark one"
    assert f".fill-{kind}" in style
    assert f".back-{kind}" in style


def test_every_type_of_alert_has_its_words_and_its_style():
    assert set(ALERT_IN_WORDS) == set(TYPE_STYLE) == set(ALERT_TYPES)


def test_every_reason_has_its_sentence():
    assert set(IN_WORDS) == set(NoAlertReason)


def test_what_the_code_takes_by_default_is_what_the_shipped_file_says():
    """But for what may be left out of a file to mean that there is none: a buying group, an end by silence."""
    shipped = scoring_file.parse("config/scoring.yaml", SHIPPED.read_bytes()).policy
    hot = replace(shipped.levels.hot, max_silence_days=None)
    assert replace(shipped.stack, group=None) == Stack()
    assert replace(shipped.levels, hot=hot) == Levels()
    assert shipped.alerts == AlertPolicy()
    assert shipped.lists == ListPolicy()
    assert shipped.relations == Policy(version=1, kinds={}).relations


def test_the_page_hides_at_once_what_the_engine_hides():
    """`act.js` shows the effect before the engine publishes it, so it has to know which outcomes keep the account."""
    script = ACT.read_text("utf-8")
    keeps = re.search(r"const KEEPS = new Set\(\[(.*?)\]\)", script)
    assert keeps is not None
    assert set(re.findall(r'"(\w+)"', keeps[1])) == KEEPING


def test_the_page_hides_by_the_same_actions():
    leaves = re.search(r"const LEAVES = new Set\(\[(.*?)\]\)", ACT.read_text("utf-8"))
    assert leaves is not None
    assert set(re.findall(r'"(\w+)"', leaves[1])) == set(HIDING) - {"disposition", "do_not_contact"}


def test_the_driver_of_tests_knows_every_kind():
    assert set(topics.KINDS) == set(KINDS)


def test_the_longest_reason_is_that_of_the_record():
    assert f"1 to {MAX_REASON} characters" in Path("docs/actions.md").read_text("utf-8")


def test_days_of_outcomes_are_those_of_the_page_and_of_the_settings():
    page = Path("docs/actions.md").read_text("utf-8")
    rows = re.findall(r"^\| ((?:`\w+`(?:, )?)+) \| (\d+) days \|", page, re.MULTILINE)
    assert {name: int(days) for names, days in rows for name in re.findall(r"`(\w+)`", names)} == DISPOSITION_DAYS
    assert f"| after {CLAIM_DAYS} days or at `--until`;" in page
    assert f"To be reviewed after {REVIEW_DAYS} days |" in page
    assert f"reviewed after {REVIEW_DAYS} days" in " ".join((kill.help or "").split())
    description = Settings.model_fields["disposition_days"].description or ""
    defaults = description.partition("has its default: ")[2]
    assert {name: int(days) for name, days in re.findall(r"(\w+) (\d+)", defaults)} == DISPOSITION_DAYS
