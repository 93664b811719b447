"""Faults between a provider and us: events sent twice, far too late, or broken."""

from collections.abc import Iterator, Sequence
from random import Random
from typing import Final

from signal_engine.core.rules.instants import DAY, HOUR, MINUTE, SECOND
from signal_engine.core.rules.kinds import ENGAGEMENT, FUNDING, HIRING, INTENT, LEADERSHIP, TECHNOGRAPHIC
from signal_engine.simulation.companies import Company
from signal_engine.simulation.telling import arrival, fingerprint, rfc3339

_VISIT: Final[dict[str, object]] = {"activity": "page_view", "page": "/product", "dwell_seconds": 40}
_POST: Final[dict[str, object]] = {"title": "Revenue Operations Manager", "department": "Operations"}
_TOPIC: Final[dict[str, object]] = {"topic": "lead scoring", "score": 71}

_BROKEN: Final[dict[str, tuple[str, str, dict[str, object]]]] = {
    "single-label-host": ("account", ENGAGEMENT, {**_VISIT, "account_id": "localhost"}),
    "ip-address": ("account", ENGAGEMENT, {**_VISIT, "account_id": "192.0.2.17"}),
    "public-suffix": ("account", HIRING, {**_POST, "account_id": "co.uk"}),
    "mail-provider": ("account", ENGAGEMENT, {"activity": "form_fill", "account_id": "gmail.com"}),
    "score-above-100": ("schema", INTENT, {**_TOPIC, "score": 140}),
    "no-topic": ("schema", INTENT, {"score": 82}),
    "unknown-activity": ("schema", ENGAGEMENT, {**_VISIT, "activity": "pageview"}),
    "amount-in-words": ("schema", FUNDING, {"round": "series_a", "amount_usd": "12 million"}),
    "unsure-in-percent": ("schema", TECHNOGRAPHIC, {"technology": "Snowflake", "change": "adopted", "confidence": 85}),
    "unknown-change": ("schema", LEADERSHIP, {"role": "VP Sales", "change": "hired"}),
    "epoch-seconds": ("schema", INTENT, _TOPIC),
    "no-zone": ("schema", HIRING, _POST),
    "clock-ahead": ("future", ENGAGEMENT, _VISIT),
}
"""Name of the fault -> (reason for which it must be rejected, kind, fields)."""

INTENDED_REFUSALS: Final = {name: reason for name, (reason, _, _) in _BROKEN.items()}
"""Name -> expected rejection. The `event_id` of a broken event is `broken-NAME-...`, so that a dead letter explains
itself.
"""

_TIMES_EACH: Final = 2
"""How often each fault occurs: far less than the half of a stream that would pause it."""


def sent_twice(rng: Random, clean: Sequence[dict[str, object]]) -> Iterator[dict[str, object]]:
    """Some events again: the same line, or, as when a provider repeats a delivery, a little later."""
    worth_a_story = [event for event in clean if event["kind"] != INTENT and "page" not in event]
    for event in rng.sample(worth_a_story, min(len(worth_a_story), 20)):
        again = dict(event)
        if rng.random() < 0.5:
            again["received_at"] = rfc3339(arrival(event) + rng.randint(10 * MINUTE, 30 * HOUR))
        yield again


def long_gone(rng: Random, seed: int, known: Sequence[Company], start: int, end: int) -> Iterator[dict[str, object]]:
    """The upload of last season's webinar guest list, older than six half-lives of its kind."""
    uploaded = rng.randint(start + (end - start) // 2, end)
    for company in rng.sample(known, min(len(known), 6)):
        event = _event(ENGAGEMENT, company, uploaded - rng.randint(100 * DAY, 130 * DAY))
        person_id, persona = company.people[1]
        event |= {"activity": "event_attended", "person_id": person_id, "persona": persona, "source": "list-upload"}
        event["received_at"] = rfc3339(uploaded)
        yield {"event_id": f"upload-{fingerprint(seed, event)}", **event}


def broken(rng: Random, seed: int, known: Sequence[Company], start: int, end: int) -> Iterator[dict[str, object]]:
    """Every fault of the table, spread over the window."""
    for name, (_, kind, fields) in _BROKEN.items() if known else ():
        for _ in range(_TIMES_EACH):
            at = rng.randint(start, end)
            event = {**_event(kind, rng.choice(known), at), **fields, **_wrong_time(name, at)}
            yield {"event_id": f"broken-{name}-{fingerprint(seed, event)}", **event}


def _event(kind: str, company: Company, at: int) -> dict[str, object]:
    return {
        "kind": kind,
        "account_id": company.account,
        "occurred_at": rfc3339(at),
    }


def _wrong_time(name: str, at: int) -> dict[str, object]:
    """Events with a faulty time. They have `received_at`, since a line without a readable time has no arrival."""
    wrong: dict[str, object] = {
        "epoch-seconds": at // SECOND,
        "no-zone": rfc3339(at).removesuffix("Z"),
        "clock-ahead": rfc3339(at + 3 * HOUR),
    }
    return {"occurred_at": wrong[name], "received_at": rfc3339(at)} if name in wrong else {}
