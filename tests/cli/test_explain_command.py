"""`signal-engine explain`: one account, and why or why not."""

from tests.cli.running import CONFIG, EVENTS, lines, run

HIRING = {
    "kind": "hiring",
    "event_id": "h-1",
    "account_id": "brindlefax.com",
    "occurred_at": "2026-02-27T09:00:00Z",
    "title": "VP Revenue",
    "seniority": "vp",
}


def test_parts_add_up_and_evidence_is_told() -> None:
    result = run("explain", "HTTPS://www.Brindlefax.com/", "-", *CONFIG, "--json", stdin=lines(EVENTS, HIRING)).json()
    assert result["account_id"] == "brindlefax.com"
    assert abs(sum(part["points"] for part in result["parts"]) - result["score"]) < 1e-9
    assert [part["part"] for part in result["parts"]] == ["hiring", "engagement", "stack", "ceiling"]
    assert result["parts"][0]["evidence"][0]["text"] == "Hiring: VP Revenue"
    assert result["lists"][0] == {"list": "all", "rank": 1, "why_not": None, "why_not_in_words": None}
    assert result["badge"] == "inbound"
    assert result["why_no_alert"] == "below_threshold"
    assert [alert["type"] for alert in result["alerts"]] == ["hand_raise"]


def test_the_next_step_is_the_play_for_whoever_asked_to_be_called() -> None:
    said = "Answer within the hour, by phone first."
    given = ("explain", "brindlefax.com", "-", *CONFIG)
    assert run(*given, "--json", stdin=lines(EVENTS, HIRING)).json()["next_step"].startswith(said)
    assert f"Next step: {said}" in run(*given, stdin=lines(EVENTS, HIRING)).out


def test_an_unknown_account_is_explained_too() -> None:
    ran = run("explain", "stranger.com", "-", *CONFIG, stdin=lines({**EVENTS, "account_id": "stranger.com"}))
    assert ran.code == 0
    assert "not_in_accounts" in ran.out
    assert "Next step" not in ran.out
    assert "CFO asked for a demo" in ran.out


def test_an_account_that_is_none_is_wrong_usage() -> None:
    ran = run("explain", "10.0.0.1", "-", *CONFIG, stdin=lines(EVENTS))
    assert ran.code == 2
    assert "ACCOUNT" in ran.err


def test_nothing_to_explain_fails() -> None:
    ran = run("explain", "brindlefax.com", "-", *CONFIG)
    assert ran.code == 1
    assert "no event" in ran.err


def test_just_after_an_alert_it_says_so() -> None:
    ran = run("explain", "brindlefax.com", "-", *CONFIG, stdin=lines(EVENTS))
    assert "alerted just now (hand raise)" in ran.out
    assert "none due now" not in ran.out
    assert "One person only: finance.\nPeople seen, newest first: finance (cfo, just now)\n" in ran.out
    assert "Buying group: seen finance; missing sales, marketing" in ran.out
    assert "Asked to be called just now" in ran.out
