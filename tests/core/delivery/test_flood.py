"""The flood guard: six an hour, then one message that counts the rest; asked again, it answers the same."""

from hypothesis import example, given
from hypothesis import strategies as st

from signal_engine.core.delivery.flood import (
    FLOOD_LIMIT,
    AskedDelivery,
    FlowDecision,
    PersonalFlow,
    gathered,
    guarded,
    withdrawn,
)
from signal_engine.core.rules.instants import DAY, HOUR, MINUTE

NOW = 1_800_000_000_000


def asks(delivery_id: str, account: str, *, tells: str = "", destination: str = "chat") -> AskedDelivery:
    return AskedDelivery(delivery_id, tells or delivery_id, account, destination)


def after(many: int, now: int = NOW) -> tuple[PersonalFlow, list[FlowDecision]]:
    flow, decisions = PersonalFlow(), []
    for number in range(many):
        flow, decision = guarded(flow, asks(f"d{number}", f"a{number}.com"), now + number)
        decisions.append(decision)
    return flow, decisions


def test_beyond_the_limit_the_first_waits_and_the_others_join_it() -> None:
    _, decisions = after(FLOOD_LIMIT + 3)
    assert [one.does for one in decisions] == ["send"] * FLOOD_LIMIT + ["wait", "join", "join"]
    assert decisions[FLOOD_LIMIT].until == NOW + HOUR
    assert {one.into for one in decisions[-2:]} == {f"d{FLOOD_LIMIT}"}


def test_the_summary_is_sent_when_the_hour_has_room_and_tells_of_the_others() -> None:
    flow, _ = after(FLOOD_LIMIT + 3)
    summary = f"d{FLOOD_LIMIT}"
    assert guarded(flow, asks(summary, "x.com"), NOW + HOUR - 1)[1] == FlowDecision("wait", until=NOW + HOUR)
    flow, decision = guarded(flow, asks(summary, "x.com"), NOW + HOUR)
    assert decision.does == "send"
    assert decision.summary is not None
    assert decision.summary.accounts == (f"a{FLOOD_LIMIT + 1}.com", f"a{FLOOD_LIMIT + 2}.com")
    assert guarded(flow, asks(summary, "x.com"), NOW + HOUR + 9)[1] == decision, "tried again, it says the same"


def test_what_comes_once_it_is_begun_goes_to_the_next_one() -> None:
    flow, _ = after(FLOOD_LIMIT + 2)
    flow, _ = guarded(flow, asks(f"d{FLOOD_LIMIT}", "x.com"), NOW + HOUR)
    flow, decision = guarded(flow, asks("new", "new.com"), NOW + HOUR)
    assert decision.does == "wait", "the summary counts for the hour, too"
    _, joined = guarded(flow, asks("newer", "newer.com"), NOW + HOUR)
    assert joined.into == "new"


def test_an_hour_later_it_sends_again() -> None:
    flow, _ = after(FLOOD_LIMIT)
    assert guarded(flow, asks("late", "late.com"), NOW + HOUR + FLOOD_LIMIT)[1].does == "send"


def test_what_is_long_over_is_forgotten() -> None:
    flow, _ = after(FLOOD_LIMIT + 2)
    flow, _ = guarded(flow, asks("late", "late.com"), NOW + 4 * DAY)
    assert flow == PersonalFlow((("late", NOW + 4 * DAY),), ())


def test_an_alert_counts_once_wherever_it_reaches_the_person() -> None:
    flow = PersonalFlow()
    for number in range(FLOOD_LIMIT + 2):
        answers = []
        for place in ("chat", "mail"):
            one = asks(f"{place}{number}", f"a{number}.com", tells=f"alert {number}", destination=place)
            flow, decision = guarded(flow, one, NOW + number)
            answers.append(decision)
        if number < FLOOD_LIMIT:
            assert [one.does for one in answers] == ["send", "send"]
    assert [(one.delivery_id, one.many) for one in flow.summaries] == [(f"chat{FLOOD_LIMIT}", 1)]
    assert {one.into for one in answers} == {f"chat{FLOOD_LIMIT}"}


def test_nothing_new_joins_a_message_that_waits_for_a_dead_receiver() -> None:
    flow, _ = after(FLOOD_LIMIT + 2)
    mailed = asks("mailed", "m.com", destination="mail")
    flow, decision = guarded(flow, mailed, NOW, unreached={"chat"})
    assert decision == FlowDecision("wait", until=NOW + HOUR)
    assert guarded(flow, mailed, NOW, unreached={"chat"}) == (flow, decision)
    _, held = guarded(flow, asks(f"d{FLOOD_LIMIT + 1}", "x.com"), NOW, unreached={"chat"})
    assert held.into == f"d{FLOOD_LIMIT}", "what joined it stays with it"
    assert guarded(flow, asks("next", "n.com", destination="mail"), NOW, {"chat"})[1].into == "mailed"


def test_an_alert_goes_to_its_other_destination_where_the_message_that_tells_of_it_waits_for_a_dead_receiver() -> None:
    flow, _ = after(FLOOD_LIMIT)
    chat, mail = (asks(f"{place} 1", "a.com", tells="alert 1", destination=place) for place in ("chat", "mail"))
    flow, waits = guarded(flow, chat, NOW)
    assert waits.does == "wait"
    assert guarded(flow, mail, NOW)[1].into == chat.delivery_id
    flow, decision = guarded(flow, mail, NOW, unreached={"chat"})
    assert decision == FlowDecision("wait", until=NOW + HOUR)
    assert guarded(flow, mail, NOW, unreached={"chat"}) == (flow, decision)
    flow, _ = guarded(flow, asks("chat 2", "b.com", tells="alert 2"), NOW)
    elsewhere = asks("mail 2", "b.com", tells="alert 2", destination="mail")
    assert guarded(flow, elsewhere, NOW, {"chat"})[1].into == mail.delivery_id
    flow, _ = guarded(flow, chat, NOW + HOUR)
    third = asks("text 1", "a.com", tells="alert 1", destination="text")
    assert guarded(flow, third, NOW + HOUR, {"chat", "mail"})[1].does != "join", "nobody knows that it arrived"


@given(st.lists(st.tuples(st.integers(0, 40), st.integers(0, HOUR)), max_size=60))
@example([(0, 0), (2, 0), (3, 0), (4, 0), (5, 0), (6, 0), (1, 0), (0, HOUR), (1, HOUR)])
def test_whoever_asks_again_gets_the_same_answer_and_nobody_is_lost(asked: list[tuple[int, int]]) -> None:
    flow, now = PersonalFlow(), NOW
    for number, later in asked:
        now += later
        flow, decision = guarded(flow, asks(f"d{number}", f"a{number}.com"), now)
        again, same = guarded(flow, asks(f"d{number}", f"a{number}.com"), now)
        assert (again, same) == (flow, decision)
        if decision.does == "join":
            assert any(one.delivery_id == decision.into for one in flow.summaries)
        assert len([one for one, at in flow.sent if at > now - HOUR]) <= FLOOD_LIMIT + len(flow.summaries)


def test_a_flood_is_counted_to_its_end_and_the_flow_knows_the_last_thousand() -> None:
    flow, _ = after(FLOOD_LIMIT + 1_501)
    summary = f"d{FLOOD_LIMIT}"
    ((kept,), last) = flow.summaries, f"d{FLOOD_LIMIT + 1_500}"
    assert (kept.many, len(kept.others), len(kept.accounts)) == (1_500, 1_024, 50)
    assert guarded(flow, asks(last, "x.com"), NOW + HOUR - 1) == (flow, FlowDecision("join", into=summary))
    assert withdrawn(flow, summary) is None
    flow, decision = guarded(flow, asks(summary, "x.com"), NOW + HOUR)
    assert decision.summary is not None
    assert decision.summary.many == 1_500


def test_an_hour_after_a_summary_its_deliveries_are_only_counted() -> None:
    flow, _ = after(FLOOD_LIMIT + 3)
    summary = f"d{FLOOD_LIMIT}"
    flow, _ = guarded(flow, asks(summary, "x.com"), NOW + HOUR)
    assert guarded(flow, asks(summary, "x.com"), NOW + 2 * HOUR - 1)[0].summaries[0].others
    flow, decision = guarded(flow, asks(summary, "x.com"), NOW + 2 * HOUR)
    assert (flow.summaries[0].others, flow.summaries[0].many) == ((), 2)
    assert decision.summary is not None
    assert decision.summary.accounts == (f"a{FLOOD_LIMIT + 1}.com", f"a{FLOOD_LIMIT + 2}.com")
    assert withdrawn(flow, summary) is None


def test_what_is_kept_for_a_digest_waits_a_minute_for_the_rest_and_becomes_one_message() -> None:
    flow, first = gathered(PersonalFlow(), asks("d0", "a0.com"), NOW)
    assert first == FlowDecision("wait", until=NOW + MINUTE)
    for _ in range(2):
        flow, joined = gathered(flow, asks("d1", "a1.com"), NOW + 5)
        assert joined == FlowDecision("join", into="d0")
    flow, sent = gathered(flow, asks("d0", "a0.com"), NOW + MINUTE)
    assert sent.summary is not None
    assert sent.summary.accounts == ("a1.com",)
    _, late = gathered(flow, asks("d2", "a2.com"), NOW + MINUTE)
    assert late == FlowDecision("wait", until=NOW + 2 * MINUTE)


def test_what_is_not_to_be_sent_after_all_is_withdrawn_unless_it_stands_for_others() -> None:
    flow, decision = gathered(PersonalFlow(), asks("first", "a.com"), 0)
    assert decision.does == "wait"
    assert withdrawn(flow, "first") == PersonalFlow()
    assert withdrawn(flow, "another") == flow
    flow, _ = gathered(flow, asks("second", "b.com"), 1)
    assert withdrawn(flow, "first") is None, "nobody would hear of the second"
    assert withdrawn(flow, "second") == flow
