"""Where our own code fails on an event, that event is refused, and what it half did is nowhere."""

import json

import pytest

from signal_engine.core.flow import ScoringContext
from signal_engine.engine.partition import evaluate_batch
from signal_engine.wire.output import entries
from tests.build import ACME, T0, fit
from tests.engine.partition.test_process_batch import TWO_KINDS, applied
from tests.engine.stand import TOPICS, Rec, Stand, event_bytes, fetch


@pytest.fixture
def stand() -> Stand:
    return Stand(policy=TWO_KINDS)


async def test_an_event_at_which_our_own_code_fails_is_refused_alone(
    stand: Stand, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = evaluate_batch.advance

    def fails_at_bad(account, event, *rest):
        if event.event_id == "bad":
            account.upper_bound = 1e9  # half done
            raise ZeroDivisionError("quoting acme.com")
        return whole(account, event, *rest)

    monkeypatch.setattr(evaluate_batch, "advance", fails_at_bad)
    records = [Rec(n, T0, event_bytes(event_id=name, points=10)) for n, name in enumerate(("one", "bad", "two"))]
    await applied(stand, fetch(*records))
    alone = Stand(policy=TWO_KINDS)
    await applied(alone, fetch(records[0], Rec(1, T0, records[2].value)))
    assert stand.data().states == alone.data().states
    assert stand.data().counts["applied"] == 2
    (dead_letter,) = stand.producer.to(TOPICS.dead_letters)
    assert dict(dead_letter.headers)["dlq.reason"] == b"bug"
    assert not any("acme.com" in str(line) for line in stand.event_log.lines), "event content in the log"


async def test_an_event_of_which_no_alert_can_be_written_is_refused_alone(
    stand: Stand, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Natively judged, it is no fault of the judge, which is asked again."""
    whole = entries.alert

    def fails_at_acme(alert, *rest):
        if alert.snapshot.account == ACME:
            raise ZeroDivisionError("quoting acme.com")
        return whole(alert, *rest)

    monkeypatch.setattr(entries, "alert", fails_at_acme)
    await stand.fits(fit(), fit(account="beta.com"))
    names = ("beta.com", ACME, "gamma.com")
    records = [Rec(n, T0, event_bytes(account=name)) for n, name in enumerate(names)]
    await applied(stand, fetch(*records), fetch(Rec(3, T0, event_bytes(account="delta.com")), start=3))
    assert sorted(stand.data().states) == ["beta.com", "delta.com", "gamma.com"]
    assert [alert["account_id"] for alert in map(json.loads, stand.data().feed)] == ["beta.com"]
    (dead_letter,) = stand.producer.to(TOPICS.dead_letters)
    assert (dead_letter.value, dict(dead_letter.headers)["dlq.reason"]) == (records[1].value, b"bug")


async def test_after_an_event_is_refused_the_others_are_decided_by_the_rules_in_force_then(
    stand: Stand, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole, rules = evaluate_batch.advance, stand.context.rules
    by: list[ScoringContext] = []

    def fails_once(account, event, now, fit, context, *rest):
        by.append(context)
        if len(by) == 1:
            stand.context.rules = rules._replace(scoring_context=ScoringContext(TWO_KINDS), sequence=2)
            raise ZeroDivisionError
        return whole(account, event, now, fit, context, *rest)

    monkeypatch.setattr(evaluate_batch, "advance", fails_once)
    await applied(stand, fetch(Rec(0, T0, event_bytes(event_id="bad")), Rec(1, T0, event_bytes(event_id="good"))))
    assert by == [rules.scoring_context, stand.context.rules.scoring_context]
    assert by[0] is not by[1]
    assert by[1] is stand.context.rules.scoring_context
