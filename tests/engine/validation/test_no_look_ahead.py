"""What came after a cut, after a Monday, or after the end, changes no figure of what was before it.

So it is for events, outcomes, people's actions, and the rows and aliases of accounts.
"""

import json

import numpy as np
import pytest

from signal_engine.core.rules.instants import DAY
from signal_engine.engine.validation.report import validation
from signal_engine.simulation.planted.files import write_planted
from signal_engine.simulation.planted.market import BEGIN, Planted, PlantedMarket
from signal_engine.wire.instants import format_instant
from tests.engine.validation.loads.loading import load, row
from tests.engine.validation.loads.planted_loads import first_load, replayed_by_loads
from tests.engine.validation.planting import SMALL, replayed

MARKET = PlantedMarket(11, **SMALL)
LATER = BEGIN + 16 * 7 * DAY
"""The end of what is looked at, or the first instant that is changed."""


def changed(event):
    """The event, worth something else, at the same instant."""
    return {**event, "kind": "leadership", "role": "CFO", "change": "joined", "event_id": f"x-{event['event_id']}"}


def test_events_after_an_accounts_deal_change_nothing(tmp_path):
    told = MARKET.told()
    cuts = {one["account_id"]: one["at"] for one in told.outcomes if one["stage"] == "opened"}
    away = {
        one["account_id"]: (cuts[one["account_id"]], one["at"] if one["stage"] == "lost" else 10**15)
        for one in told.outcomes
        if one["stage"] != "opened"
    }
    other = [
        changed(event) if begin <= event["occurred_at"] < end else event
        for event in told.events
        for begin, end in [away.get(event["account_id"], (0, 0))]
    ]
    assert other != told.events
    reports = [
        validation(replayed(write_planted(one, tmp_path)), "mondays", 20, 1)
        for one in (told, Planted(other, told.outcomes, told.accounts))
    ]
    assert reports[0]["cut"]["in_deal"] > 100
    assert reports[0] == reports[1]


def test_events_after_a_monday_change_nothing_before(tmp_path):
    told = MARKET.told()
    other = [changed(event) if event["occurred_at"] >= LATER else event for event in told.events]
    before, after = (
        earlier(replayed(write_planted(Planted(events, told.outcomes, told.accounts), tmp_path)))
        for events in (told.events, other)
    )
    assert len(before) == 16
    assert before == after


def earlier(past):
    """The Mondays before what is changed."""
    return [monday for monday in past.mondays.seen if monday.at < LATER]


def acts(told, begin, end, kills=0):
    """Claims, and kills of half of the accounts (`kills`: 0 or 1), in the weeks from `begin` to `end` (ms)."""
    for number, one in enumerate(told.accounts):
        for place, at in enumerate(range(begin + 3 * DAY, end, 7 * DAY)):
            kill = number % 2 == kills
            if number % 4 == place % 4:
                yield {
                    "action_id": f"0b6f2c9e-64a5-4c1d-9e52-{number:06}{at // DAY:06}",
                    "account_id": one["account_id"],
                    "action": "kill" if kill else "claim",
                    "at": format_instant(at),
                    "by": "dana@example.com",
                    "via": "cli",
                    **({"reason": "bankrupt"} if kill else {"until": format_instant(at + 30 * DAY)}),
                }


def written(path, actions):
    path.write_text("".join(json.dumps(one) + "\n" for one in actions))
    return str(path)


def test_actions_after_a_monday_change_nothing_before(tmp_path):
    told = MARKET.told()
    files = write_planted(told, tmp_path)
    few = [*acts(told, BEGIN, LATER)]
    many = [*few, *acts(told, LATER, LATER + 35 * DAY, kills=1)]
    before, after = (replayed(files, written(tmp_path / "actions.jsonl", some)) for some in (few, many))
    assert earlier(before) == earlier(after)
    assert before.mondays.seen != after.mondays.seen, "later ones do differ"
    assert any(monday.barred for monday in earlier(before))


def nobody_fits(told, at):
    """A load after which no account fits, each has another segment, and aliases mean other accounts."""
    names = [one["account_id"] for one in told.accounts]
    others = dict(zip(names, [*names[1:], names[0]], strict=True))
    return load(at, *(row(one, {"employee_count": 0}, aliases=(f"also-{others[one]}",)) for one in names))


def by_alias(told, since):
    """The same market; events from `since` (ms) on name aliases."""
    return Planted(
        [
            {**one, "account_id": f"also-{one['account_id']}"} if one["occurred_at"] >= since else one
            for one in told.events
        ],
        told.outcomes,
        told.accounts,
    )


def test_loads_after_a_monday_change_nothing_before(tmp_path):
    told = MARKET.told()
    files, first = write_planted(by_alias(told, BEGIN), tmp_path), first_load(told, BEGIN - DAY)
    before, after = (replayed_by_loads(files, [*first, *more]) for more in ([], nobody_fits(told, LATER)))
    assert len(earlier(before)) == 16
    assert earlier(before) == earlier(after)
    assert sum(len(monday.ranked) for monday in after.mondays.seen if monday.at > LATER) == 0
    assert sum(len(monday.ranked) for monday in before.mondays.seen if monday.at > LATER) > 0


def test_accounts_of_one_load_are_what_a_file_of_them_is(tmp_path):
    told = MARKET.told()
    files = write_planted(told, tmp_path)
    expected = validation(replayed(files), "mondays", 20, 1)
    for began in (BEGIN - DAY, LATER):
        said = validation(replayed_by_loads(files, first_load(told, began)), "mondays", 20, 1)
        codes = {one["code"] for one in said["caveats"]}
        assert ("accounts_as_of_today" in codes) is (began == LATER), "what was known only later is said"
        assert {**said, "caveats": None} == {**expected, "caveats": None}


CHANGES = {
    "events": lambda told: (
        Planted(
            [changed(one) if one["occurred_at"] > LATER else one for one in told.events], told.outcomes, told.accounts
        ),
        [],
        [],
    ),
    "outcomes": lambda told: (
        Planted(
            told.events,
            [
                {**one, "stage": "won" if one["stage"] == "lost" else "lost"}
                if one["at"] > LATER and one["stage"] != "opened"
                else {**one, "opportunity_id": "another"}
                if one["at"] > LATER
                else one
                for one in told.outcomes
            ],
            told.accounts,
        ),
        [],
        [],
    ),
    "actions": lambda told: (told, [*acts(told, LATER, LATER + 70 * DAY, kills=1)], []),
    "loads": lambda told: (told, [], nobody_fits(told, LATER + 1)),
}


@pytest.mark.parametrize("of", sorted(CHANGES))
def test_nothing_after_the_end_changes_a_figure(of, tmp_path):
    """Not even an alias: events name aliases from the end on."""
    told = MARKET.told()
    first, early = first_load(told, BEGIN - DAY), [*acts(told, BEGIN, LATER)]
    reports = []
    for market, actions, loads in ((told, [], []), CHANGES[of](told)):
        files = write_planted(by_alias(market, LATER + 1), tmp_path)
        acted = written(tmp_path / "actions.jsonl", [*early, *actions])
        past = replayed_by_loads(files, [*first, *loads], actions=acted, until=LATER)
        reports.append(validation(past, "mondays", 20, 1))
    assert reports[0]["study"]["won"] > 20
    assert sum(one["opened"]["trials"] for one in reports[0]["groups"]["claimed"]) > 20
    assert reports[0] == reports[1]


def test_a_monday_is_what_a_replay_up_to_it_shows(tmp_path):
    """Levels that have ended, too, are those of a replay that stops there."""
    told = MARKET.told()
    seen = replayed(write_planted(told, tmp_path)).mondays
    for number in (5, 12, 20):
        monday = seen.seen[number]
        upto = Planted([one for one in told.events if one["occurred_at"] <= monday.at], told.outcomes, told.accounts)
        alone = replayed(write_planted(upto, tmp_path), until=monday.at + 1).mondays.seen[-1]
        assert alone.at == monday.at
        assert alone.ranked == monday.ranked
        by_account = dict(zip(monday.account, monday.score, strict=True))
        np.testing.assert_allclose([by_account[one] for one in alone.account], alone.score, atol=1e-9)
        assert dict(zip(monday.account, monday.hot, strict=True)) == dict(zip(alone.account, alone.hot, strict=True))
