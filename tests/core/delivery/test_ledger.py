"""How the row of a delivery moves: each change with its reason, a revision that rises, and an end after 24 hours."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signal_engine.core.delivery import ledger
from signal_engine.core.delivery.answering import ActionsSeen
from signal_engine.core.delivery.holdback import Holdback
from signal_engine.core.delivery.ledger import LEASE_MS, DeliveryRow, pause_ms
from signal_engine.core.delivery.outcomes import Attempt
from signal_engine.core.delivery.plan import delivery_id, plan
from signal_engine.core.rules.instants import HOUR, SECOND
from tests.core.delivery.scene import ALERT, DAILY, WEDNESDAY, at, routing, to

NOW = at(WEDNESDAY, 12)
LATER = Attempt("retry", "the receiver answered 503")


def first(seen: ActionsSeen | None = None, **route: object) -> DeliveryRow:
    way = plan(ALERT, routing(to("direct", **route)), seen or ActionsSeen(), NOW)
    return ledger.rows_of(ALERT, way, NOW - 5, NOW)[0]


def test_a_row_begins_as_its_plan_says() -> None:
    row = first()
    assert (row.status, row.due, row.person, row.revision) == ("pending", NOW, "Ann Roe", 0)
    assert (row.alert_at, row.made_at, row.on_uncertain) == (NOW - 5, NOW, "hold")
    kept = first(digest=DAILY)
    assert (kept.status, kept.is_finished) == ("for_digest", False)
    muted = first(ActionsSeen(None, {"ann@example.com": NOW + 1}))
    assert (muted.status, muted.due, muted.is_finished) == ("suppressed", None, True)
    assert muted.said == "the person muted the account"


def test_a_delivery_of_the_control_group_is_kept_with_the_reason_and_never_sent() -> None:
    draw = next(one for salt in "abcdefgh" if (one := Holdback(0.5, WEDNESDAY, salt=salt)).has_drawn(ALERT.account))
    way = plan(ALERT, routing(to("direct"))._replace(holdback=(draw,)), ActionsSeen(), NOW)
    (row,) = ledger.rows_of(ALERT, way, NOW - 5, NOW)
    assert (row.status, row.due, row.is_finished) == ("suppressed", None, True)
    assert row.said == "the account is in the control group"


def test_a_claim_ends_after_a_request_and_counts_once_its_end_is_known() -> None:
    row = ledger.claimed(first()._replace(due=NOW - 48 * HOUR), "me", NOW)
    assert (row.status, row.due, row.sender) == ("sending", NOW + LEASE_MS, "me")
    assert (row.attempts, row.first_due_at) == (0, NOW)
    again = ledger.claimed(ledger.attempted(row, LATER, NOW + 4, 0.0), "you", NOW + HOUR)
    assert (again.attempts, again.first_due_at, again.sender) == (1, NOW, "you")
    assert ledger.attempted(again, LATER, NOW + HOUR, 0.0).attempts == 2


def test_a_claim_that_is_given_back_was_no_attempt() -> None:
    row = ledger.given_back(ledger.claimed(first(), "me", NOW), NOW + 1, NOW + 9)
    assert (row.status, row.due, row.attempts, row.first_due_at) == ("pending", NOW + 9, 0, None)
    tried = ledger.attempted(ledger.claimed(row, "me", NOW + 9), LATER, NOW + 9, 0.0)
    assert ledger.given_back(ledger.claimed(tried, "me", NOW + HOUR), NOW + HOUR, NOW + HOUR).first_due_at == NOW + 9


def test_what_waited_for_a_disabled_destination_has_24_hours_once_it_is_enabled() -> None:
    gone = Attempt("disabled", "the receiver answered 410")
    row = ledger.attempted(ledger.claimed(first(), "me", NOW), gone, NOW, 0.0)
    again = ledger.attempted(ledger.claimed(row, "me", NOW + 72 * HOUR), LATER, NOW + 72 * HOUR, 0.0)
    assert (again.status, again.first_due_at) == ("pending", NOW + 72 * HOUR)


@pytest.mark.parametrize(
    ("attempt", "status", "due"),
    [
        (Attempt("sent", "it took it", "C1/17"), "sent", None),
        (Attempt("failed", "the receiver answered 400"), "failed", None),
        (Attempt("disabled", "the receiver answered 410"), "pending", NOW + 1),
        (LATER, "pending", NOW + 1 + 5 * SECOND),
        (LATER._replace(end="uncertain"), "uncertain", NOW + 1 + 5 * SECOND),
        (LATER._replace(retry_after_s=90.5), "pending", NOW + 1 + 90_500),
    ],
)
def test_an_attempt_ends_in_a_state(attempt: Attempt, status: str, due: int | None) -> None:
    row = ledger.attempted(ledger.claimed(first(), "me", NOW), attempt, NOW + 1, 0.0)
    assert (row.status, row.due, row.said, row.receiver_id) == (status, due, attempt.said, attempt.receiver_id)
    assert row.is_finished == (due is None)
    assert row.changed_at == NOW + 1


def test_after_24_hours_it_is_given_up_but_never_after_one_attempt() -> None:
    once = ledger.claimed(first(), "me", NOW)
    assert ledger.attempted(once, LATER, NOW + 30 * HOUR, 0.0).status == "pending"
    twice = ledger.claimed(ledger.attempted(once, LATER, NOW, 0.0), "me", NOW)
    assert ledger.attempted(twice, LATER, NOW + 24 * HOUR - 5 * SECOND, 0.0).status == "pending"
    given = ledger.attempted(twice, LATER, NOW + 24 * HOUR - 5 * SECOND + 1, 0.0)
    assert (given.status, given.said) == ("given_up", "tried for 24 hours; last: the receiver answered 503")
    assert ledger.attempted(twice._replace(first_due_at=None), LATER, NOW + 48 * HOUR, 0.0).status == "pending"


def test_what_is_set_aside_says_why() -> None:
    row = first()
    assert ledger.suppressed(row, "muted", NOW)[:8] == row._replace(status="suppressed")[:8]
    assert ledger.grouped(row, "d-2", "told by another", NOW).into == "d-2"
    assert ledger.put_off(row, NOW + 9, "waits", NOW)._replace(revision=0) == row._replace(due=NOW + 9, said="waits")


def test_what_was_drawn_meanwhile_is_kept_like_what_was_drawn_before() -> None:
    after = ledger.drawn(first(), NOW)
    said = "the account is in the control group"
    assert (after.status, after.timing, after.due, after.said) == ("suppressed", "held_back", None, said)


@pytest.mark.parametrize(("late", "timing"), [("", "fallback"), ("claim/manager", "late")])
def test_the_fallback_gets_what_a_receiver_cannot_bring_to_a_person(late: str, timing: str) -> None:
    row = ledger.claimed(first(), "one", NOW)._replace(late=late, timing="late" if late else "in_hours")
    (made,) = ledger.for_fallback(row, routing(to("direct")).fallback(), LATER)
    assert (made.destination, made.person, made.timing, made.status, made.due) == (
        "ops",
        None,
        timing,
        "pending",
        LATER,
    )
    assert (made.late, made.alert_id, made.first_due_at, made.revision) == (late, row.alert_id, None, 0)
    assert made.delivery_id == delivery_id(row.alert_id, f"ops\n{late}" if late else "ops")
    assert made.unreached == ("" if late else "not_found")


def test_what_is_uncertain_is_found_sent_again_or_held() -> None:
    row = ledger.doubtful(ledger.claimed(first(), "me", NOW), NOW, NOW + 2)
    assert (row.status, row.due) == ("uncertain", NOW + 2)
    assert (ledger.found(row, "C1/17", NOW).status, ledger.found(row, "C1/17", NOW).receiver_id) == ("sent", "C1/17")
    assert ledger.not_there(row, NOW)[7:9] == ledger.sent_again(row, NOW)[7:9]
    assert (ledger.not_there(row, NOW).maybe_twice, ledger.sent_again(row, NOW).maybe_twice) == (0, 1)
    assert (ledger.found(row, None, NOW).attempts, ledger.not_there(row, NOW).attempts) == (1, 0)
    held = ledger.held_uncertain(row, NOW)
    assert (held.status, held.due, held.is_finished) == ("uncertain", None, False)
    later = ledger.unresolved(row, "Slack is away", NOW, 0.0)
    assert (later.status, later.due, later.said) == ("uncertain", NOW + 5 * SECOND, "Slack is away")


def test_by_hand_it_has_another_day_and_a_doubt_is_counted() -> None:
    given = ledger.given_up(ledger.claimed(first(), "me", NOW), "tried", NOW)
    row = ledger.retried(given, NOW + 9)
    assert (row.status, row.due, row.attempts, row.first_due_at, row.maybe_twice) == ("pending", NOW + 9, 0, None, 0)
    held = ledger.held_uncertain(ledger.doubtful(given, NOW, NOW), NOW)
    assert ledger.retried(held, NOW).maybe_twice == 1


def test_every_change_has_a_revision_of_its_own() -> None:
    row = first()
    steps = [row, claimed := ledger.claimed(row, "me", NOW), back := ledger.given_back(claimed, NOW, NOW)]
    steps += [ledger.given_up(back, "no", NOW)]
    assert [one.revision for one in steps] == [0, 1, 2, 3]


@given(st.integers(1, 10_000), st.floats(0, 1, exclude_max=True), st.none() | st.floats(0, 1e6))
def test_a_pause_lies_between_five_seconds_and_an_hour_or_what_the_receiver_asks(
    attempts: int, jitter: float, asked: float | None
) -> None:
    pause = pause_ms(attempts, jitter, asked)
    assert pause >= 5 * SECOND
    assert pause >= round((asked or 0) * SECOND)
    if not asked:
        assert pause <= min(HOUR, 5 * SECOND * 2 ** min(attempts, 20))


def test_a_message_is_looked_at_less_and_less_often_for_some_days() -> None:
    sent = ledger.attempted(ledger.claimed(first(), "me", NOW), Attempt("sent", "it took it", "C1/17"), NOW, 0.0)
    row = ledger.followed(sent, "C1/17", NOW)
    assert (row.receiver_id, row.look_at, row.revision) == ("C1/17", NOW + 5 * SECOND, sent.revision)
    later = ledger.looked_at(row, "claimed by Ann Roe", NOW + 100 * SECOND)
    assert (later.told, later.look_at) == ("claimed by Ann Roe", NOW + 110 * SECOND)
    assert (later.changed_at, later.revision) == (row.changed_at, row.revision + 1)
    assert ledger.looked_at(row, "", NOW + 12 * HOUR).look_at == NOW + 12 * HOUR + 900 * SECOND
    last = NOW + ledger.FOLLOWED_MS
    assert ledger.looked_at(row, "", last - 1).look_at == last - 1 + 900 * SECOND
    assert ledger.looked_at(row, "", last).look_at is None
    assert ledger.no_longer_followed(later) == later._replace(look_at=None, revision=later.revision + 1)
