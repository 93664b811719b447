"""The generated market: repeatable, in order, complete, and believable enough to show somebody."""

import json
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, cast

import pytest

from signal_engine.core.rules.instants import DAY, HOUR, MINUTE
from signal_engine.core.rules.kinds import KINDS
from signal_engine.simulation import INTENDED_REFUSALS, LATENESS_MS, arrival, journeys
from signal_engine.simulation.words import COMPETITORS, STUDENT
from signal_engine.wire.config import scoring_file

END: Final = 1_774_980_000_000  # 2026-03-31T18:00:00Z
START: Final = END - 90 * DAY

INDUSTRIES: Final = ("Software", "Financial Technology", "Banking", "Manufacturing")
ACCOUNTS: Final = [
    {
        "account_id": f"company-{number:02d}.com",
        "name": f"Company {number:02d}",
        "industry": INDUSTRIES[number % 4],
        "employee_count": f"{150 + number * 90:,}",
        "relation": "customer" if number in (4, 5, 16) else "prospect",
        "country": "United States" if number % 2 else "Germany",
        "tech_stack": "Salesforce;Snowflake",
    }
    for number in range(60)
]

REQUIRED: Final = {
    "intent": {"topic", "score"},
    "hiring": {"title"},
    "funding": set[str](),
    "engagement": {"activity"},
    "technographic": {"technology", "change"},
    "leadership": {"role", "change"},
}


def market(seed: int = 7, start: int = START, end: int = END) -> list[dict[str, object]]:
    return list(journeys(ACCOUNTS, seed=seed, start=start, end=end))


def lines(events: list[dict[str, object]]) -> bytes:
    return "\n".join(json.dumps(event) for event in events).encode()


def is_broken(event: dict[str, object]) -> bool:
    return str(event["event_id"]).startswith("broken-")


def occurred(event: dict[str, object]) -> int:
    return round(datetime.fromisoformat(str(event["occurred_at"])).timestamp() * 1000)


@pytest.fixture(scope="module")
def events() -> list[dict[str, object]]:
    return market()


@pytest.fixture(scope="module")
def sound(events: list[dict[str, object]]) -> list[dict[str, object]]:
    return [event for event in events if not is_broken(event)]


def test_the_same_seed_gives_the_same_bytes(events: list[dict[str, object]]) -> None:
    assert lines(market()) == lines(events)


def test_another_seed_gives_another_market(events: list[dict[str, object]]) -> None:
    other = market(seed=8)
    assert lines(other) != lines(events)
    assert not {event["event_id"] for event in other} & {event["event_id"] for event in events}


def test_ninety_days_of_sixty_companies_are_some_thousand_events(events: list[dict[str, object]]) -> None:
    assert 2_000 <= len(events) <= 4_000


def test_events_come_in_order_of_arrival_and_id(events: list[dict[str, object]]) -> None:
    order = [(arrival(event), str(event["event_id"])) for event in events]
    assert order == sorted(order)
    assert START <= order[0][0] <= order[-1][0] <= END


def test_nothing_is_later_than_stated_and_only_broken_clocks_run_ahead(sound: list[dict[str, object]]) -> None:
    lateness = [arrival(event) - occurred(event) for event in sound]
    assert min(lateness) == 0
    assert max(lateness) <= LATENESS_MS
    assert sum(late > 0 for late in lateness) > 100
    assert sum(late > 84 * DAY for late in lateness) >= 3  # an old guest list: expired on arrival


def test_every_kind_is_there_with_the_fields_it_must_have(sound: list[dict[str, object]]) -> None:
    assert {event["kind"] for event in sound} == {*KINDS}
    for event in sound:
        assert {"event_id", "account_id", "occurred_at"} | REQUIRED[str(event["kind"])] <= event.keys(), event
        assert 1 <= len(str(event["event_id"])) <= 128
        assert datetime.fromisoformat(str(event["occurred_at"])).tzinfo is not None
        assert None not in event.values()


def test_every_intended_refusal_is_there(events: list[dict[str, object]]) -> None:
    for name in INTENDED_REFUSALS:
        assert [event for event in events if str(event["event_id"]).startswith(f"broken-{name}-")], name
    assert {*INTENDED_REFUSALS.values()} == {"account", "schema", "future"}
    assert sum(map(is_broken, events)) < len(events) * 0.05  # far from what pauses a stream


def test_a_clock_that_runs_ahead_is_more_than_five_minutes_ahead(events: list[dict[str, object]]) -> None:
    ahead = [event for event in events if "clock-ahead" in str(event["event_id"])]
    assert ahead
    assert all(occurred(event) - arrival(event) > 5 * MINUTE for event in ahead)


def test_an_id_comes_twice_only_with_the_same_content(sound: list[dict[str, object]]) -> None:
    first: dict[object, dict[str, object]] = {}
    repeated = Counter[str]()
    for event in sound:
        content = {field: value for field, value in event.items() if field != "received_at"}
        if event["event_id"] in first:
            repeated["exact" if first[event["event_id"]] == event else "again, later"] += 1
            assert content == {k: v for k, v in first[event["event_id"]].items() if k != "received_at"}
        first.setdefault(event["event_id"], event)
    assert repeated["exact"] > 0
    assert repeated["again, later"] > 0


def test_strangers_and_closed_postings_and_hand_raises_are_there(sound: list[dict[str, object]]) -> None:
    accounts = {str(account["account_id"]) for account in ACCOUNTS}
    named = {str(event["account_id"]).removeprefix("https://www.").removesuffix("/careers") for event in sound}
    assert accounts < named
    assert any(event.get("status") == "closed" for event in sound)
    assert {"demo_request", "contact_sales"} <= {event.get("activity") for event in sound}


def of(sound: list[dict[str, object]], kind: str, **fields: object) -> list[dict[str, object]]:
    return [one for one in sound if one["kind"] == kind and all(one.get(f) == value for f, value in fields.items())]


def test_everything_that_the_definition_speaks_of_happens(sound: list[dict[str, object]]) -> None:
    """Reasons to call by themselves, what no person did, people who do not count."""
    assert of(sound, "leadership", relationship="champion", change="joined")
    assert [one for one in of(sound, "technographic", change="dropped") if one["technology"] in COMPETITORS]
    assert [one for one in of(sound, "funding") if cast("int", one.get("amount_usd", 0)) >= 10_000_000]
    assert of(sound, "leadership", change="joined", level="vp")
    assert of(sound, "engagement", activity="email_click", automated=True)
    assert of(sound, "engagement", activity="demo_request", persona=STUDENT)
    assert not [one for one in sound if one.get("automated") is True and one["activity"] != "email_click"]


def test_one_person_comes_under_several_titles(sound: list[dict[str, object]]) -> None:
    titles: dict[object, set[object]] = {}
    for one in of(sound, "engagement"):
        titles.setdefault(one.get("person_id"), set()).add(one.get("persona"))
    titles.pop(None)
    assert {"Chief Financial Officer", "CFO", "cfo"} in titles.values()
    mapped = scoring_file.parse("s", Path("config/scoring.yaml").read_bytes()).policy.personas
    read = [{mapped.name_of(str(title)) for title in spelt} for spelt in titles.values()]
    assert all(len(one) == 1 for one in read), "whatever the title, the same persona"
    assert "other" not in {name for one in read for name in one}, (
        "the shipped file knows everybody who is invented here"
    )


def test_people_work_on_weekdays(sound: list[dict[str, object]]) -> None:
    weekdays = Counter(datetime.fromtimestamp(occurred(event) / 1000, UTC).weekday() for event in sound)
    assert weekdays[5] + weekdays[6] < len(sound) * 0.12
    assert min(weekdays[day] for day in range(5)) > len(sound) * 0.1


def test_a_company_plays_on_whatever_is_known_of_it() -> None:
    """An accounts file needs no more than one column, and may hold addresses, blanks and repetitions."""
    rows = [{"domain": "https://www.Only-One.com/"}, {"domain": ""}, {"domain": "only-one.com"}]
    events = list(journeys(rows, seed=1, start=START, end=END))
    assert sum(event["account_id"] == "only-one.com" for event in events) > 20


@pytest.mark.parametrize("length", [HOUR, DAY, 14 * DAY, 200 * DAY])
def test_any_window_is_kept(length: int) -> None:
    arrivals = [arrival(event) for event in market(start=END - length)]
    assert all(END - length <= instant <= END for instant in arrivals)
    assert arrivals


def test_without_accounts_only_strangers_call() -> None:
    assert {event["account_name"] for event in journeys([], seed=1, start=START, end=END)}
