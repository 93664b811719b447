"""The actions of an account as the bytes of one value, and back."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signal_engine.core.actions.action import OUTCOMES, AccountAction
from signal_engine.core.actions.in_force import NOTHING, InForce, StandingAction
from signal_engine.core.actions.log import ActionLog, LoggedAction
from signal_engine.wire.storage.actions import NO_ACTIONS, StoredActions, decode, encode
from signal_engine.wire.storage.documents import UnreadableDocument
from tests.wire.actions.test_record import actions

INSTANTS = st.integers(-(10**13), 10**13)
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
STANDINGS = st.builds(
    StandingAction,
    TEXTS,
    INSTANTS,
    st.none() | TEXTS,
    st.none() | INSTANTS,
    st.none() | INSTANTS,
    st.none() | st.sampled_from(OUTCOMES),
    st.frozensets(st.sampled_from(["intent", "hiring", "buying_group"])),
    st.none() | TEXTS,
)
MAYBE = st.none() | STANDINGS
STORED = st.builds(
    StoredActions,
    st.builds(InForce, st.dictionaries(TEXTS, STANDINGS, max_size=3), MAYBE, MAYBE, MAYBE, MAYBE, MAYBE),
    st.builds(
        ActionLog,
        st.lists(TEXTS, max_size=3).map(tuple),
        st.lists(st.builds(LoggedAction, INSTANTS, actions()), max_size=3).map(tuple),
    ),
)


@given(STORED)
def test_what_is_kept_is_read_back_as_the_same(stored: StoredActions) -> None:
    assert decode(encode(stored)) == stored
    assert encode(decode(encode(stored))) == encode(stored)


def test_equal_actions_have_equal_bytes() -> None:
    kills = {"a": StandingAction("dana@example.com", 1), "b": StandingAction("sam@example.com", 2)}
    other_way = dict(reversed(kills.items()))
    live, same = frozenset({"intent", "hiring"}), frozenset({"hiring", "intent"})
    one = InForce(kills, disposition=StandingAction("dana@example.com", 1, outcome="not_now", live=live))
    other = InForce(other_way, disposition=StandingAction("dana@example.com", 1, outcome="not_now", live=same))
    assert encode(StoredActions(one)) == encode(StoredActions(other))


def test_what_was_stored_before_actions_had_a_digest_is_read() -> None:
    id_, at = "11111111-1111-4111-8111-111111111111", 1_700_000_000_000
    action = f'["acme.com","{id_}","claim",{at},"sam@example.com","api",null,null,{at + 5},null,null,null,false,null]'
    log = decode(f'[{{}},null,null,null,null,null,["{id_}"],[[{at},{action}]]]'.encode()).log
    claim = AccountAction("acme.com", id_, "claim", at, "sam@example.com", "api", until=at + 5)
    assert log == ActionLog((id_,), (LoggedAction(at, claim),))


def test_nothing_stored_is_no_actions() -> None:
    assert decode(None) == NO_ACTIONS
    assert decode(encode(NO_ACTIONS)).in_force == NOTHING


@pytest.mark.parametrize("value", [b"", b"{}", b"[]", b"[1]", encode(NO_ACTIONS)[:-1], b'[{"a":1},0,0,0,0,0,[],[]]'])
def test_what_no_engine_wrote_is_told_without_its_content(value: bytes) -> None:
    with pytest.raises(UnreadableDocument, match="the actions of an account in the store cannot be read"):
        decode(value)
