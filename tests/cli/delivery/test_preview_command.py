"""`notify preview` as users run it: the text, the page, the JSON; nothing is sent."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from testing.receivers.slack_limits import problems
from testing.receivers.teams import problems as card_problems
from tests.cli.running import CONFIG, run
from tests.wire.delivery.alerts import an_alert

FITS = [*CONFIG]
ALERT = {"account_id": "brindlefax.com", "name": "Brindlefax", "sdr": "SDR West", "icp": "midmarket-saas"}


def given(**changed: Any) -> bytes:
    return json.dumps(an_alert(**{**ALERT, **changed})).encode()


def test_it_prints_what_the_mail_says_for_whom_it_is_in_their_zone() -> None:
    ran = run("notify", "preview", "-", *FITS, stdin=given())
    assert ran.code == 0, ran.err
    assert ran.out.startswith("Subject: Hot: Brindlefax: Hiring: VP Sales (sales)")
    assert "Level: hot since Mon 30 Nov 02:00 PST" in ran.out
    assert "For: SDR West" in ran.out
    assert "Missing: " in ran.out
    assert "runs a CRM we integrate with" in ran.out
    assert "Next step: Name the role they are hiring for" in ran.out


def test_the_page_draws_all_three_and_replaces_another_only_when_told(tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    hostile = given(why_now="<script>alert(1)</script> <!channel>")
    ran = run("notify", "preview", "-", "--html", page, stdin=hostile)
    assert (ran.code, ran.out) == (0, ""), ran.err
    drawn = page.read_text()
    assert [f"<h2>{medium}</h2>" in drawn for medium in ("Slack", "E-mail", "Webhook")] == [True] * 3
    assert "<script" not in drawn
    assert "&lt;!channel&gt;" in drawn
    assert "exists already; --yes" in run("notify", "preview", "-", "--html", page, stdin=hostile).err
    assert run("notify", "preview", "-", "--html", page, "--yes", stdin=given()).code == 0


def test_the_json_has_what_each_medium_would_get() -> None:
    document = run("notify", "preview", "-", "--json", stdin=given()).json()
    page = Path("docs/contract.md").read_text("utf-8").partition("\n| `notify preview ")[2].partition("\n")[0]
    assert set(re.findall(r"`(\w+)`", re.sub(r"\(.*?\)", "", page.split(" | ")[2]))) == set(document)
    assert list(problems(document["slack"])) == []
    assert list(card_problems(document["teams"])) == []
    assert set(document["mail"]) == {"subject", "text", "html"}
    assert set(document["apprise"]) == {"title", "body"}
    assert document["webhook"]["type"] == "alert.entered_hot"
    assert document["webhook"]["account_id"] == document["webhook"]["data"]["account_id"] == "brindlefax.com"


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--accounts", "config/accounts.csv"], "--accounts is only used with --icp"),
        (["--as", "hubspot"], "--as is only used with --accounts"),
    ],
)
def test_options_that_do_not_go_together_are_refused(options: list[str], said: str) -> None:
    ran = run("notify", "preview", "-", *options, stdin=given())
    assert ran.code == 2
    assert said in ran.err


def test_what_is_no_alert_is_refused_by_field() -> None:
    ran = run("notify", "preview", "-", stdin=given(score="x"))
    assert (ran.code, ran.out) == (2, "")
    assert "error: standard input: score: must be a valid number" in ran.err
