"""`signal-engine compare`, and `explain` with `--at` and `--what-if`: over files."""

import pytest

from tests.cli.running import CONFIG, EVENTS, lines, run

HIRING = {
    "kind": "hiring",
    "event_id": "h-1",
    "account_id": "brindlefax.com",
    "occurred_at": "2026-02-27T09:00:00Z",
    "title": "VP Revenue",
    "seniority": "vp",
}
INTENT = {
    "kind": "intent",
    "event_id": "i-1",
    "account_id": "stranger.com",
    "occurred_at": "2026-03-01T08:00:00Z",
    "topic": "crm",
    "score": 90,
}
FEED = lines(EVENTS, HIRING, INTENT)
COMPARE = ("compare", "brindlefax.com", "https://www.stranger.com", "-", *CONFIG)


def test_the_differences_of_the_parts_add_up_to_that_of_the_scores():
    result = run(*COMPARE, "--json", stdin=FEED).json()
    assert [account["account_id"] for account in result["accounts"]] == ["brindlefax.com", "stranger.com"]
    assert [part["part"] for part in result["parts"]] == ["intent", "hiring", "engagement", "stack", "ceiling"]
    for side in (0, 1):
        assert sum(part["points"][side] for part in result["parts"]) == pytest.approx(result["scores"][side])
    assert sum(part["difference"] for part in result["parts"]) == pytest.approx(result["difference"])
    assert result["difference"] == pytest.approx(result["scores"][0] - result["scores"][1])


def test_each_account_is_as_explain_tells_it():
    result = run(*COMPARE, "--json", stdin=FEED).json()
    assert result["accounts"][1] == run("explain", "stranger.com", "-", *CONFIG, "--json", stdin=FEED).json()


def test_the_table_shows_both():
    ran = run(*COMPARE, stdin=FEED)
    assert ran.code == 0
    assert "brindlefax.com" in ran.out
    assert "stranger.com" in ran.out
    assert "in no accounts file" in ran.out
    assert "not on it: not_in_accounts" in ran.out


def test_an_account_that_is_none_is_wrong_usage():
    ran = run("compare", "brindlefax.com", "10.0.0.1", "-", *CONFIG, stdin=FEED)
    assert ran.code == 2
    assert "10.0.0.1" in ran.err


def test_files_are_needed_whole():
    assert "event files need --accounts and --icp" in run("compare", "a.com", "b.com", "-", stdin=FEED).err


EXPLAIN = ("explain", "brindlefax.com", "-", *CONFIG)


def test_at_an_instant_it_is_as_a_replay_until_then():
    at = "2026-02-28T00:00:00Z"
    result = run(*EXPLAIN, "--at", at, "--json", stdin=FEED).json()
    assert result == run(*EXPLAIN, "--until", at, "--json", stdin=FEED).json()
    assert [part["part"] for part in result["parts"]] == ["hiring", "stack", "ceiling"]


def test_the_past_of_the_live_engine_needs_files():
    ran = run("explain", "brindlefax.com", "--at", "2026-02-28T00:00:00Z")
    assert (ran.code, ran.out) == (2, "")
    assert "--at needs event files" in ran.err


def test_one_instant_is_enough():
    at = ("--at", "2026-02-28T00:00:00Z", "--until", "2026-02-28T00:00:00Z")
    assert run(*EXPLAIN, *at, stdin=FEED).code == 2


def test_what_if_is_told_beside_the_explanation():
    result = run(*EXPLAIN, "--what-if", "--json", stdin=FEED).json()["what_if"]
    assert result["score"] == run(*EXPLAIN, "--json", stdin=FEED).json()["score"]
    ran = run(*EXPLAIN, "--what-if", stdin=FEED)
    hot = [signal for signal in result["signals"] if signal["level"] == "hot"]
    assert hot
    assert f"hot ({hot[0]['score']:.2f}) by" in ran.out
    assert hot[0]["rule"] in ran.out


def test_what_if_of_an_account_in_no_file_says_that_nobody_would_be_alerted():
    ran = run("explain", "stranger.com", "-", *CONFIG, "--what-if", stdin=FEED)
    assert "no single signal would make it hot" in ran.out
    assert "but nobody would be alerted" in ran.out
