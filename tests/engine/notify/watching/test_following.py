"""A message that can be edited says what people did since, whichever process edits it, and nothing is edited idly."""

import pytest

from signal_engine.core.actions.in_force import EVERYWHERE, InForce, StandingAction
from signal_engine.core.delivery.answering import ActionsSeen
from signal_engine.core.delivery.flood import FLOOD_LIMIT
from signal_engine.core.delivery.ledger import FOLLOWED_MS
from signal_engine.core.delivery.outcomes import Attempt
from signal_engine.core.rules.instants import HOUR, MINUTE, SECOND
from tests.core.delivery.scene import routing, to
from tests.engine.notify.stand import NOON, PLAIN, FakeSender, NotifyStand, alert_at

EDITS = PLAIN._replace(edits=True)


@pytest.fixture
async def stand() -> NotifyStand:
    """One message about acme.com was sent to Ann."""
    stand = NotifyStand(routing(to("direct")), {"direct": FakeSender(EDITS), "ops": FakeSender()})
    await stand.plan(alert_at("acme.com", NOON))
    await stand.deliver("direct")
    return stand


def lines(stand: NotifyStand) -> list[str]:
    """What the edits said of what was done since; empty where they said nothing of it."""
    every = [{fact.label: fact.text for fact in one.content.facts} for _, one in stand.senders["direct"].edited]
    return [facts.get("Since then", "") for facts in every]


def did(stand: NotifyStand, **what: StandingAction) -> None:
    stand.seen.of["acme.com"] = ActionsSeen(in_force=InForce(**what))  # type: ignore[arg-type]


def by(email: str, at: int = NOON + SECOND) -> StandingAction:
    return StandingAction(email, at)


async def look(stand: NotifyStand, after: int = MINUTE) -> None:
    stand.now += after
    await stand.follow()


async def test_a_claim_and_an_answer_are_told_and_a_release_takes_the_line_away(stand: NotifyStand) -> None:
    await look(stand)
    assert lines(stand) == []
    did(stand, claim=by("bo@example.com"))
    await look(stand)
    await look(stand)
    assert lines(stand) == ["claimed by Bo Lind"]
    assert stand.senders["direct"].edited[0][0] == "r-1"
    did(stand, claim=by("bo@example.com"), disposition=by("stranger@example.com")._replace(outcome="contacted"))
    await look(stand)
    assert lines(stand)[1:] == ["claimed by Bo Lind; came of it: Contacted, said by stranger@example.com"]
    did(stand)
    await look(stand)
    assert lines(stand)[2:] == [""]
    assert await stand.statuses() == ["sent"]


@pytest.mark.parametrize(
    ("what", "said"),
    [
        ({"snooze": by("bo@example.com")}, "snoozed by Bo Lind"),
        ({"kills": {EVERYWHERE: by("bo@example.com")}}, "killed by Bo Lind"),
        ({"do_not_contact": by("bo@example.com")}, "marked as not to be contacted by Bo Lind"),
    ],
)
async def test_what_hides_the_account_is_told(stand: NotifyStand, what: dict[str, StandingAction], said: str) -> None:
    did(stand, **what)
    await look(stand)
    assert lines(stand) == [said]


async def test_what_was_done_before_the_alert_is_not_told(stand: NotifyStand) -> None:
    did(stand, claim=by("bo@example.com", NOON - 1))
    await look(stand)
    assert lines(stand) == []


@pytest.mark.parametrize("trouble", [Attempt("retry", "busy"), Attempt("disabled", "gone"), ValueError("broken")])
async def test_an_edit_that_fails_for_now_is_made_at_the_next_look(
    stand: NotifyStand, trouble: Attempt | Exception
) -> None:
    stand.senders["direct"].edits = [trouble]
    did(stand, claim=by("bo@example.com"))
    await look(stand)
    stand.senders["direct"].edited.clear()
    await look(stand)
    assert lines(stand) == ["claimed by Bo Lind"]


async def test_a_receiver_that_asks_to_be_left_alone_gets_no_further_edit_until_then(stand: NotifyStand) -> None:
    await stand.plan(alert_at("beta.com", NOON))
    await stand.deliver("direct")
    did(stand, claim=by("bo@example.com"))
    stand.seen.of["beta.com"] = stand.seen.of["acme.com"]
    stand.senders["direct"].edits = [Attempt("retry", "the receiver answered 429", retry_after_s=120)]
    await look(stand)
    await look(stand)
    assert len(stand.senders["direct"].edited) == 1, "the one that was refused"
    await look(stand)
    assert lines(stand)[1:] == ["claimed by Bo Lind"] * 2


async def test_a_message_that_is_gone_is_let_be(stand: NotifyStand) -> None:
    stand.senders["direct"].edits = [Attempt("failed", "message_not_found")]
    did(stand, claim=by("bo@example.com"))
    await look(stand)
    stand.senders["direct"].edited.clear()
    await look(stand)
    assert lines(stand) == []
    assert [row.look_at for row in await stand.rows()] == [None]


async def test_another_process_goes_on_and_does_not_repeat(stand: NotifyStand) -> None:
    did(stand, claim=by("bo@example.com"))
    await look(stand)
    stand.start("two")
    await stand.take()
    await look(stand)
    assert lines(stand) == ["claimed by Bo Lind"]
    did(stand)
    await look(stand)
    assert lines(stand) == ["claimed by Bo Lind", ""]


async def test_an_edit_keeps_the_newer_alert_that_the_message_shows(stand: NotifyStand) -> None:
    for number in (1, 2):
        stand.now += 10 * SECOND
        await stand.plan(alert_at("acme.com", stand.now, number))
        await stand.deliver("direct")
    did(stand, claim=by("bo@example.com", stand.now + 1))
    await look(stand)
    receiver_id, message = stand.senders["direct"].edited[-1]
    assert (receiver_id, message.alert["at"]) == ("r-1", "2026-12-02T11:00:20Z")
    assert lines(stand) == ["", "", "claimed by Bo Lind"]
    assert len([row for row in await stand.rows() if row.look_at is not None]) == 1


async def test_it_looks_seldomer_as_the_message_grows_old_and_ends(stand: NotifyStand) -> None:
    looks = []
    while (row := (await stand.rows())[0]).look_at is not None:
        looks.append(row.look_at - stand.now)
        stand.now = row.look_at
        await stand.follow()
    assert looks[0] == 5 * SECOND
    assert max(looks) == 15 * MINUTE
    assert looks == sorted(looks)
    assert FOLLOWED_MS <= stand.now - NOON < FOLLOWED_MS + HOUR
    assert len(looks) < 500


async def test_a_message_that_counts_others_stays_as_it_was_sent() -> None:
    stand = NotifyStand(routing(to("direct")), {"direct": FakeSender(EDITS), "ops": FakeSender()})
    await stand.plan(*(alert_at(f"a{number}.com", NOON) for number in range(FLOOD_LIMIT + 2)))
    await stand.deliver("direct")
    stand.now += HOUR
    await stand.deliver("direct")
    followed = [row for row in await stand.rows() if row.look_at is not None]
    assert len(stand.senders["direct"].sent) == FLOOD_LIMIT + 1
    assert len(followed) == FLOOD_LIMIT


async def test_what_cannot_be_edited_is_not_followed() -> None:
    stand = NotifyStand()
    await stand.plan(alert_at("acme.com", NOON))
    await stand.deliver()
    assert [row.look_at for row in await stand.rows()] == [None]
    assert stand.notifier._followers == []


async def test_an_action_that_was_written_is_looked_for_at_once_until_it_is_applied(stand: NotifyStand) -> None:
    stand.now += HOUR
    await stand.follow()
    stand.notifier._call({"acme.com", "other.com"})
    looks = []
    for tick in range(20):  # half a second each
        if tick == 9:
            did(stand, claim=by("bo@example.com", NOON + HOUR))
        before = len(stand.senders["direct"].edited)
        await stand.follow()
        if len(stand.senders["direct"].edited) > before:
            looks.append(tick)
        stand.now += SECOND // 2
    assert looks == [15], "after half a second, one, two and four"
    assert lines(stand) == ["claimed by Bo Lind"]
    assert "acme.com" not in stand.notifier._followers[0]._calls._calls


async def test_calls_end_where_nothing_changes(stand: NotifyStand) -> None:
    stand.now += HOUR
    stand.notifier._call({"acme.com"})
    (follower,) = stand.notifier._followers
    revisions = set()
    for _ in range(140):
        await stand.follow()
        stand.now += SECOND // 2
        revisions.add((await stand.rows())[0].revision)
    assert not follower._calls
    assert len(revisions) == 1, "a look that finds nothing writes nothing before it is due"


async def test_an_account_that_went_quiet_says_so_until_it_is_hot_again(stand: NotifyStand) -> None:
    stand.now += HOUR
    stand.seen.of["acme.com"] = ActionsSeen(quiet=True)
    await stand.plan(alert_at("acme.com", stand.now, 1, type="cooled"))
    await stand.follow()
    assert lines(stand) == ["went quiet"]
    did(stand, claim=by("bo@example.com"))
    stand.seen.of["acme.com"] = stand.seen.of["acme.com"]._replace(quiet=True)
    await look(stand, HOUR)
    assert lines(stand)[1:] == ["claimed by Bo Lind; went quiet"]
    did(stand)
    await look(stand, HOUR)
    assert lines(stand)[2:] == [""]


async def test_a_trigger_of_a_warm_account_says_nothing_of_quiet() -> None:
    stand = NotifyStand(routing(to("direct")), {"direct": FakeSender(EDITS), "ops": FakeSender()})
    stand.seen.of["acme.com"] = ActionsSeen(quiet=True)
    await stand.plan(alert_at("acme.com", NOON, type="trigger"))
    await stand.deliver("direct")
    await look(stand)
    assert lines(stand) == []
