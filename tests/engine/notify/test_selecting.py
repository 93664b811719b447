"""Nobody is flooded: one account is one message for 90 seconds, one person gets six an hour, hand raises always go."""

from typing import Any

import pytest

from signal_engine.adapters.memory.deliveries import MemoryLedger
from signal_engine.core.actions.in_force import EVERYWHERE, Hiding, InForce, StandingAction
from signal_engine.core.delivery.answering import ActionsSeen
from signal_engine.core.delivery.flood import FLOOD_LIMIT
from signal_engine.core.delivery.ledger import GROUPED_MS
from signal_engine.core.delivery.outcomes import Attempt
from signal_engine.core.rules.instants import HOUR, MINUTE, SECOND
from signal_engine.engine.ports.delivery.senders import Capabilities
from tests.core.delivery.scene import WEDNESDAY, at, routing, to
from tests.engine.notify.stand import NOON, PLAIN, FakeSender, NotifyStand, alert_at, names

EVENING = at(WEDNESDAY, 20)
_ACT = StandingAction("bo@example.com", 1, outcome="not_now")
_HIDING: dict[Hiding, InForce] = {
    "do_not_contact": InForce(do_not_contact=_ACT),
    "killed": InForce(kills={EVERYWHERE: _ACT}),
    "snoozed": InForce(snooze=_ACT),
    "disposition": InForce(disposition=_ACT),
}


def personal(can: Capabilities = PLAIN, **more: Any) -> NotifyStand:
    return NotifyStand(routing(to("direct")), {"direct": FakeSender(can), "ops": FakeSender()}, **more)


def accounts(stand: NotifyStand) -> list[str]:
    return names(stand.senders["direct"].sent)


async def test_more_of_an_account_waits_and_becomes_one_message() -> None:
    stand = personal()
    await stand.plan(alert_at("acme.com", NOON))
    await stand.deliver("direct")
    for number in (1, 2):
        stand.now += 10 * SECOND
        await stand.plan(alert_at("acme.com", stand.now, number))
    await stand.deliver("direct")
    assert accounts(stand) == ["acme.com"]
    stand.now = NOON + GROUPED_MS
    await stand.deliver("direct")
    newest = stand.senders["direct"].sent[-1]
    assert len(stand.senders["direct"].sent) == 2
    assert newest[2].alert["at"] == "2026-12-02T11:00:20Z"
    assert await stand.statuses() == ["grouped", "sent", "sent"]
    (told,) = [row for row in await stand.rows() if row.status == "grouped"]
    assert told.into == newest[0]


async def test_two_of_an_account_at_once_are_the_first_now_and_the_other_later() -> None:
    stand = personal()
    await stand.plan(alert_at("acme.com", NOON), alert_at("acme.com", NOON + 1, 1))
    await stand.deliver("direct")
    assert len(stand.senders["direct"].sent) == 1
    stand.now += GROUPED_MS
    await stand.deliver("direct")
    assert await stand.statuses() == ["sent", "sent"]


async def test_where_messages_can_be_edited_the_first_is_brought_up_to_date() -> None:
    stand = personal(PLAIN._replace(edits=True))
    await stand.plan(alert_at("acme.com", NOON))
    await stand.deliver("direct")
    stand.now += 30 * SECOND
    await stand.plan(alert_at("acme.com", stand.now, 1), alert_at("acme.com", stand.now + 1, 2))
    await stand.deliver("direct")
    ((receiver_id, edited),) = stand.senders["direct"].edited
    assert (receiver_id, edited.alert["at"]) == ("r-1", "2026-12-02T11:00:30.001Z")
    assert await stand.statuses() == ["grouped", "grouped", "sent"]
    stand.now = NOON + GROUPED_MS
    await stand.plan(alert_at("acme.com", stand.now, 3))
    await stand.deliver("direct")
    assert len(stand.senders["direct"].sent) == 2


async def test_what_is_due_together_with_the_first_message_brings_that_one_up_to_date() -> None:
    stand = personal(PLAIN._replace(edits=True))
    await stand.plan(*(alert_at("acme.com", NOON + number, number) for number in range(3)))
    for after in range(0, GROUPED_MS + SECOND, SECOND):
        stand.now = NOON + after
        await stand.deliver("direct")
    ((_, _, first),), ((_, newest),) = stand.senders["direct"].sent, stand.senders["direct"].edited
    assert (first.alert["at"], newest.alert["at"]) == ("2026-12-02T11:00:00Z", "2026-12-02T11:00:00.002Z")
    assert await stand.statuses() == ["grouped", "grouped", "sent"]


async def test_a_system_gets_every_alert() -> None:
    stand = NotifyStand(senders={"ops": FakeSender(PLAIN._replace(for_people=False))})
    await stand.plan(alert_at("acme.com", NOON), alert_at("acme.com", NOON, 1))
    await stand.deliver()
    assert await stand.statuses() == ["sent", "sent"]


async def test_beyond_the_limit_one_message_counts_the_rest() -> None:
    stand = personal()
    await stand.plan(*(alert_at(f"a{number}.com", NOON + number) for number in range(FLOOD_LIMIT + 8)))
    await stand.deliver("direct")
    assert len(stand.senders["direct"].sent) == FLOOD_LIMIT
    assert (await stand.statuses()).count("grouped") == 7
    stand.now += HOUR - 1
    await stand.deliver("direct")
    assert len(stand.senders["direct"].sent) == FLOOD_LIMIT
    stand.now += 1
    await stand.deliver("direct")
    assert len(stand.senders["direct"].sent) == FLOOD_LIMIT + 1
    summary = stand.senders["direct"].sent[-1][2]
    (more,) = [fact for fact in summary.content.facts if fact.label == "7 more, see the list"]
    others = {row.account for row in await stand.rows() if row.status == "grouped"}
    assert {*more.text.split(", ")} == others
    assert {row.into for row in await stand.rows() if row.status == "grouped"} == {summary.delivery_id}


@pytest.mark.parametrize("edits", [True, False])
async def test_the_message_that_counts_others_takes_no_other_message_s_place(edits: bool) -> None:
    stand = personal(PLAIN._replace(edits=edits))
    await stand.plan(*(alert_at(f"a{number}.com", NOON + number) for number in range(FLOOD_LIMIT + 4)))
    await stand.deliver("direct")
    (waiting,) = [row for row in await stand.rows() if row.status == "pending"]
    stand.now = NOON + HOUR - 30 * SECOND
    await stand.plan(alert_at(waiting.account, stand.now, 1, type="hand_raise"))
    await stand.deliver("direct")
    stand.now = NOON + HOUR + SECOND
    await stand.plan(alert_at(waiting.account, stand.now, 2, type="new_evidence"))
    for _ in range(3):
        await stand.deliver("direct")
        stand.now += GROUPED_MS
    told = [one for _, _, one in stand.senders["direct"].sent if one.delivery_id == waiting.delivery_id]
    assert [fact.label for one in told for fact in one.content.facts if "see the list" in fact.label] == [
        "3 more, see the list"
    ]


async def test_a_flood_to_one_person_does_not_write_all_of_it_with_each_alert() -> None:
    stand, written, replace = personal(), list[int](), MemoryLedger.replace_counter

    async def counted(name: str, old: bytes | None, new: bytes) -> bool:
        written.append(len(new))
        return await replace(stand.ledger, name, old, new)

    stand.ledger.replace_counter = counted  # type: ignore[method-assign]
    many = 3_000
    await stand.plan(*(alert_at(f"a{number}.com", NOON) for number in range(many)))
    await stand.deliver("direct", most=many)
    assert len(written) < many / 8
    assert max(written) < 64 * 1024
    stand.now += HOUR
    await stand.deliver("direct")
    message = stand.senders["direct"].sent[-1][2]
    assert f"{many - FLOOD_LIMIT - 1} more, see the list" in [fact.label for fact in message.content.facts]


async def test_hand_raises_pass_and_count_for_nobody() -> None:
    stand = personal()
    await stand.plan(*(alert_at(f"a{number}.com", NOON) for number in range(FLOOD_LIMIT)))
    await stand.plan(*(alert_at("raised.com", NOON, number, type="hand_raise") for number in range(3)))
    await stand.deliver("direct")
    assert accounts(stand).count("raised.com") == 3
    assert len(accounts(stand)) == FLOOD_LIMIT + 3


async def test_the_guard_holds_for_all_processes_together() -> None:
    stand = personal()
    await stand.plan(*(alert_at(f"a{number}.com", NOON) for number in range(FLOOD_LIMIT)))
    await stand.deliver("direct")
    stand.start("two")
    await stand.take()
    await stand.plan(alert_at("beta.com", NOON))
    await stand.deliver("direct")
    assert "beta.com" not in accounts(stand)


async def test_it_is_held_until_working_hours_and_not_sent_to_who_mutes_it_meanwhile() -> None:
    stand = personal(now=EVENING)
    await stand.plan(alert_at("acme.com", EVENING), alert_at("muted.com", EVENING))
    await stand.deliver("direct")
    assert await stand.statuses() == ["pending", "pending"]
    stand.seen.of["muted.com"] = ActionsSeen(None, {"ann@example.com": EVENING + 72 * HOUR})
    stand.now = at(WEDNESDAY.replace(day=3), 8) - 1
    await stand.deliver("direct")
    assert accounts(stand) == []
    stand.now += 1
    await stand.deliver("direct")
    assert accounts(stand) == ["acme.com"]
    assert await stand.statuses() == ["sent", "suppressed"]


@pytest.mark.parametrize("hidden", ["do_not_contact", "killed", "snoozed", "disposition"])
async def test_an_account_that_is_hidden_while_its_alert_waits_is_not_told_of(hidden: Hiding) -> None:
    stand = personal(now=EVENING)
    await stand.plan(alert_at("acme.com", EVENING), alert_at("hidden.com", EVENING))
    stand.seen.of["hidden.com"] = ActionsSeen(in_force=_HIDING[hidden])
    stand.now = at(WEDNESDAY.replace(day=3), 8)
    await stand.deliver("direct")
    assert accounts(stand) == ["acme.com"]
    (row,) = [row for row in await stand.rows() if row.account == "hidden.com"]
    assert (row.status, row.due) == ("suppressed", None)
    assert row.said is not None
    assert row.said.startswith("the account")


@pytest.mark.parametrize(("hidden", "goes"), [("snoozed", True), ("killed", True), ("do_not_contact", False)])
async def test_a_hand_raise_that_waits_is_told_of_unless_nobody_may_be_contacted(hidden: Hiding, goes: bool) -> None:
    stand = personal()
    stand.senders["direct"].answers = [Attempt("retry", "it is down")]
    await stand.plan(alert_at("acme.com", NOON, type="hand_raise"))
    await stand.deliver("direct")
    stand.seen.of["acme.com"] = ActionsSeen(in_force=_HIDING[hidden])
    stand.now += HOUR
    await stand.deliver("direct")
    assert accounts(stand) == (["acme.com"] if goes else [])


async def test_a_hidden_account_whose_message_tells_of_others_does_not_take_them_with_it() -> None:
    stand = personal()
    many = [f"a{number}.com" for number in range(FLOOD_LIMIT + 2)]
    await stand.plan(*(alert_at(name, NOON + number) for number, name in enumerate(many)))
    await stand.deliver("direct")
    (first,) = [row.account for row in await stand.rows() if row.status == "pending"]
    (other,) = [row.account for row in await stand.rows() if row.status == "grouped"]
    stand.seen.of[first] = ActionsSeen(in_force=_HIDING["killed"])
    stand.now += HOUR
    await stand.deliver("direct")
    *_, (_, _, last) = stand.senders["direct"].sent
    assert last.content.headline == "Alerts: 1 more (see the list)"
    assert [(fact.label, fact.text) for fact in last.content.facts] == [("Accounts", other)]
    assert first not in str(last.content), "nobody is told of it any more"
    assert not last.tells_own


async def test_an_account_that_was_hidden_after_it_joined_a_message_of_others_is_not_named() -> None:
    stand = personal()
    await stand.plan(*(alert_at(f"a{number}.com", NOON + number) for number in range(FLOOD_LIMIT + 4)))
    await stand.deliver("direct")
    hidden, *others = sorted(row.account for row in await stand.rows() if row.status == "grouped")
    stand.seen.of[hidden] = ActionsSeen(in_force=_HIDING["do_not_contact"])
    stand.now += HOUR
    await stand.deliver("direct")
    content = stand.senders["direct"].sent[-1][2].content
    (more,) = [fact for fact in content.facts if fact.label == "3 more, see the list"]
    assert {*more.text.split(", ")} == {*others}
    assert hidden not in str(content)


async def test_a_message_of_others_that_are_all_hidden_by_now_still_counts_them() -> None:
    stand = personal()
    await stand.plan(*(alert_at(f"a{number}.com", NOON + number) for number in range(FLOOD_LIMIT + 2)))
    await stand.deliver("direct")
    (hidden,) = [row.account for row in await stand.rows() if row.status == "grouped"]
    stand.seen.of[hidden] = ActionsSeen(in_force=_HIDING["killed"])
    stand.now += HOUR
    await stand.deliver("direct")
    content = stand.senders["direct"].sent[-1][2].content
    (more,) = [fact for fact in content.facts if fact.label == "1 more, see the list"]
    assert more.text == "their accounts are hidden by now"


async def test_a_hidden_account_that_was_to_collect_others_leaves_that_to_the_next_one() -> None:
    stand = personal()
    many = [f"a{number}.com" for number in range(FLOOD_LIMIT + 1)]
    await stand.plan(*(alert_at(name, NOON + number) for number, name in enumerate(many)))
    await stand.deliver("direct")
    (first,) = [row.account for row in await stand.rows() if row.status == "pending"]
    stand.seen.of[first] = ActionsSeen(in_force=_HIDING["killed"])
    stand.now += HOUR
    await stand.deliver("direct")
    await stand.plan(alert_at("beta.com", stand.now))
    await stand.deliver("direct")
    assert {*accounts(stand)} == {*many, "beta.com"} - {first}
    assert await stand.statuses() == ["sent"] * (FLOOD_LIMIT + 1) + ["suppressed"]


async def test_what_the_engine_has_just_decided_is_told_of_although_the_account_was_hidden_before() -> None:
    stand = personal()
    # A trigger ends a snooze, and what is served may lag behind.
    stand.seen.of["acme.com"] = ActionsSeen(in_force=_HIDING["snoozed"])
    await stand.plan(alert_at("acme.com", NOON))
    await stand.deliver("direct")
    assert accounts(stand) == ["acme.com"]


async def test_a_summary_that_is_tried_again_says_the_same() -> None:
    stand = personal()
    await stand.plan(*(alert_at(f"a{number}.com", NOON + number) for number in range(FLOOD_LIMIT + 3)))
    await stand.deliver("direct")
    stand.now += HOUR
    stand.senders["direct"].answers = [Attempt("retry", "the receiver answered 503")]
    await stand.deliver("direct")
    await stand.plan(alert_at("later.com", stand.now))
    stand.now += MINUTE
    await stand.deliver("direct")
    labels = [fact.label for _, _, one in stand.senders["direct"].sent for fact in one.content.facts]
    assert [label for label in labels if "more" in label] == ["2 more, see the list"]
    assert "later.com" in accounts(stand)
