"""Every recipe on a file in the shape that its maker states, with dirt; what comes out, the engine takes."""

import json
from pathlib import Path
from typing import NamedTuple

import pytest

from signal_engine.core.rules.events import Event
from signal_engine.wire.events.decode import decode_lines
from signal_engine.wire.intake.presets import preset, preset_names, preset_text, recipe_names
from tests.intake.running import Imported, clock, import_file, import_text, invoke

__all__ = ["clock"]
pytestmark = pytest.mark.usefixtures("clock")
RECIPES = Path(__file__).parent / "recipes"
ZONE = ("--timezone", "UTC")


class Expected(NamedTuple):
    """What a file becomes."""

    counts: str
    made: list[dict]
    """Fields of each event or account, in their order; others may be there, too."""


EXPECTED = {
    "6sense-company-details.jsonl": Expected("2 rows = 1 mapped + 1 passed over + 0 refused; 1 state", []),
    "apollo-accounts.csv": Expected(
        "2 rows = 1 mapped + 0 passed over + 1 refused; 1 account",
        [{"account_id": "quillmarsh-systems.com", "employee_count": 1240, "crm_id": "5f5e100", "founded_year": 2009}],
    ),
    "builtwith-changes.json": Expected(
        "3 rows = 2 mapped + 0 passed over + 1 refused; 2 events",
        [
            {"technology": "Marketo", "change": "adopted", "occurred_at": "2026-11-26T00:00:00Z"},
            {"technology": "Pardot", "change": "dropped", "occurred_at": "2026-11-20T00:00:00Z"},
        ],
    ),
    "common-room-webhook.jsonl": Expected(
        "2 rows = 1 mapped + 1 passed over + 0 refused; 2 events",
        [
            {"account_id": "quillmarsh-systems.com", "change": "joined", "role": "VP Sales"},
            {"account_id": "tarnwick.io", "change": "left", "role": "Director Sales"},
        ],
    ),
    "demandbase-intent.jsonl": Expected(
        "2 rows = 2 mapped + 0 passed over + 0 refused; 2 events",
        [
            {"account_id": "quillmarsh-systems.com", "topic": "crm migration", "score": 91, "people": 4},
            {"account_id": "tarnwick.io", "topic": "crm migration", "score": 60, "people": 1},
        ],
    ),
    "factors-intent-upload.csv": Expected(
        "2 rows = 1 mapped + 0 passed over + 1 refused; 1 event",
        [{"topic": "CRM", "score": 60, "occurred_at": "2026-11-25T00:00:00Z"}],
    ),
    "g2-buyer-intent.json": Expected(
        "3 rows = 2 mapped + 0 passed over + 1 refused; 2 events",
        [
            {"topic": "g2:compare Brindlefax CRM", "score": 78, "people": 3, "account_id": "quillmarsh-systems.com"},
            {"topic": "g2:pricing", "score": 61, "account_id": "tarnwick.io"},
        ],
    ),
    "linkedin-ads-companies.csv": Expected("4 rows = 1 mapped + 2 passed over + 1 refused; 2 states", []),
    "posthog-webhook.jsonl": Expected(
        "4 rows = 2 mapped + 1 passed over + 1 refused; 2 events",
        [
            {"account_id": "quillmarsh-systems.com", "activity": "pricing_view", "page": "/pricing"},
            {"account_id": "tarnwick.io", "activity": "trial_signup", "person_id": "p2"},
        ],
    ),
    "snowplow-enriched.jsonl": Expected(
        "3 rows = 1 mapped + 1 passed over + 1 refused; 1 event",
        [{"activity": "pricing_view", "occurred_at": "2026-11-27T00:02:04.900Z", "person_id": "u1"}],
    ),
    "zoominfo-intent.csv": Expected(
        "2 rows = 1 mapped + 1 passed over + 0 refused; 1 event",
        [{"topic": "CRM Software", "score": 84, "trend": "UP", "occurred_at": "2026-11-25T00:00:00Z"}],
    ),
}


def imported(folder: Path, name: str, *options: str) -> Imported:
    """A file by the recipe of its name."""
    recipe = name.partition(".")[0]
    given = ("--account", "quillmarsh-systems.com") if recipe == "builtwith-changes" else ()
    return import_file(folder, RECIPES / name, "--as", recipe, *ZONE, *given, *options)


def test_every_recipe_has_a_file_and_says_that_nobody_has_verified_it():
    assert {name.partition(".")[0] for name in EXPECTED} == set(recipe_names())
    assert not set(recipe_names()) & set(preset_names())
    for name in recipe_names():
        assert preset(name).name == name
        header = preset_text(name).decode().split("mapping:")[0].replace("\n# ", " ")
        assert "unverified" in header, name
        assert "hecked 2026-11-" in header, name
        assert not preset(name).match, "it is used only by whoever names it"


def test_the_list_marks_recipes():
    lines = invoke("mapping", "list").stdout.splitlines()
    marked = {line.split()[0] for line in lines if line.endswith("unverified")}
    assert marked == set(recipe_names())
    assert {line.split()[0] for line in lines if "state feed" in line} == {
        "6sense-company-details", "linkedin-ads-companies", "greenhouse-jobs", "lever-jobs",
    }  # fmt: skip


@pytest.mark.parametrize("name", EXPECTED)
def test_a_recipe_on_its_file(name, tmp_path):
    expected = EXPECTED[name]
    done = imported(tmp_path, name)
    assert done.code == 0, done.err
    assert expected.counts in done.err
    assert [
        {key: one.get(key) for key in fields} for one, fields in zip(done.events, expected.made, strict=True)
    ] == expected.made
    if "kind" in (done.events or [{}])[0]:
        lines = [json.dumps(event).encode() for event in done.events]
        assert all(isinstance(line.verdict, Event) for line in decode_lines(lines))
        assert imported(tmp_path, name).events == done.events, "a second import changes nothing"
    assert "@" not in json.dumps(done.events), "no address is kept"


def test_clicks_in_overlapping_windows_count_once(tmp_path):
    """Of two exports of LinkedIn: whoever had none before, and has some now."""
    header = "company name;company website;paid clicks;paid leads\n"
    state = ("--as", "linkedin-ads-companies", "--state", tmp_path / "seen.jsonl")

    def told(rows: str) -> list[tuple[str, str]]:
        done = import_text(tmp_path, header + rows, *state)
        assert done.code == 0, done.err
        return [(one["account_id"], one["activity"]) for one in done.events]

    assert told("A;a.com;3;0\nB;b.com;0;0\n-;-;9;9\n") == []
    assert told("A;a.com;5;1\nB;b.com;0;0\n") == [("a.com", "form_fill")]
    assert told("A;a.com;5;1\nB;b.com;2;0\nC;c.com;1;0\n") == [("b.com", "ad_click"), ("c.com", "ad_click")]
    assert told("A;a.com;9;4\nB;b.com;7;0\nC;c.com;1;0\n") == []
