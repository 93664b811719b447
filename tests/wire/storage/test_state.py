"""An account's state as bytes: read back it is the same, and bytes that are not a whole state are refused."""

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from signal_engine.core.rules.instants import BEGINNING
from signal_engine.core.rules.kinds import BUYING_GROUP, KINDS
from signal_engine.core.score.account import Account, HandRaise, Person
from signal_engine.core.score.kind_state import Evidence, KindState
from signal_engine.core.score.remembered import RememberedIds
from signal_engine.wire.storage.state import VERSION, UnknownStateVersion, decode, encode
from tests.build import BUYERS, HAND_RAISES, T0, Story, after, event, kind, policy

INSTANTS = st.integers(-62_135_596_800_000, 253_402_300_799_999)
LEVELS = st.sampled_from(("cold", "warm", "hot"))
TEXT = st.text(st.characters(codec="utf-8"), max_size=20)
SETS_OF_KINDS = st.frozensets(st.sampled_from(KINDS))
LIVE = st.frozensets(st.sampled_from((*KINDS, BUYING_GROUP)))
EVIDENCE = st.builds(Evidence, st.floats(-1e9, 1e9), INSTANTS, TEXT, TEXT, st.none() | TEXT, st.none() | TEXT)
RAISED = st.builds(HandRaise, INSTANTS, st.sampled_from(KINDS), TEXT, EVIDENCE)


@st.composite
def accounts(draw) -> Account:
    account = Account()
    account.now = draw(INSTANTS)
    account.upper_bound = draw(st.floats(0, 1e12))
    account.upper_bound_stamp = draw(st.integers(0, 2**53 - 1))
    account.last_signal_at = draw(st.none() | INSTANTS)
    account.weighty_at = draw(st.none() | INSTANTS)
    account.level = draw(LEVELS)
    account.previous_level = draw(st.none() | LEVELS)
    account.since = draw(st.none() | INSTANTS)
    account.episode = draw(st.integers(0, 10**6))
    account.episode_began = draw(INSTANTS)
    account.alerted = draw(st.booleans())
    account.named = draw(LIVE)
    account.named_personas = draw(st.frozensets(TEXT, max_size=3))
    account.last_alert_at = draw(st.none() | INSTANTS)
    account.last_alert_kinds = draw(LIVE)
    account.hand_raised = draw(st.dictionaries(TEXT, INSTANTS, max_size=3))
    account.last_trigger_at = draw(st.none() | INSTANTS)
    account.hand_raise = draw(st.none() | RAISED)
    account.raise_applied_at = draw(st.none() | INSTANTS)
    account.answered_at = draw(st.none() | INSTANTS)
    account.people = draw(st.dictionaries(TEXT, st.builds(Person, INSTANTS, TEXT), max_size=10))
    for name in draw(SETS_OF_KINDS):
        facets = draw(st.dictionaries(TEXT, st.floats(0, 1e12), max_size=4))
        account.kinds[name] = KindState(draw(INSTANTS), facets, tuple(draw(st.lists(EVIDENCE, max_size=3))))
    account.ids = remembering(draw(st.lists(st.binary(min_size=8, max_size=8), max_size=5)))
    account.ids.evicted = draw(st.integers(0, 10**6))
    return account


def remembering(hashes: list[bytes]) -> RememberedIds:
    ids = RememberedIds()
    for number, digest in enumerate(hashes):
        ids.add(digest, "intent", T0 + number, T0, {"intent": kind()}, 100)
    return ids


def everything(account: Account) -> dict:
    values = {name: getattr(account, name) for name in Account.__slots__}
    values["ids"] = (bytes(account.ids.hashes), account.ids.stamps.tolist(), account.ids.evicted)
    values["kinds"] = [(name, s.ref, s.facets, s.evidence) for name, s in account.kinds.items()]
    return values


def an_account() -> Account:
    story = Story(policy(kind(half_life=1), kind("engagement", half_life=1, rules=HAND_RAISES), personas=BUYERS))
    story.tell(event(points=90, source_url="https://example.com"))
    story.tell(event("engagement", 30, at=after(0.1), persona="CFO", activity="demo_request"))
    return story.account


@given(accounts())
def test_a_state_read_back_is_the_same_to_the_last_bit(account):
    assert everything(decode(encode(account))) == everything(account)
    assert encode(decode(encode(account))) == encode(account)


def test_what_is_read_back_has_the_types_that_the_engine_works_with():
    account = decode(encode(an_account()))
    assert isinstance(account.kinds["intent"].evidence[0], Evidence)
    assert isinstance(account.kinds["intent"].evidence, tuple)
    assert isinstance(account.named, frozenset)
    assert isinstance(account.named_personas, frozenset)
    assert account.people == {"finance": Person(after(0.1), "CFO")}
    assert isinstance(account.people["finance"], Person)
    assert isinstance(account.hand_raise, HandRaise)
    assert isinstance(account.hand_raise.evidence, Evidence)
    assert account.hand_raised == {"finance": after(0.1)}
    assert account.holds_until == BEGINNING, "until when a level holds is not stored: nobody has looked yet"
    assert isinstance(account.ids.hashes, bytearray)


def test_the_version_comes_first_and_then_the_length_of_what_varies():
    state = encode(Account())
    assert (VERSION, state[0]) == (3, 3)
    assert int.from_bytes(state[1:5], "little") == len(state) - 5
    kinds = orjson.loads(encode(an_account())[5:][: int.from_bytes(encode(an_account())[1:5], "little")])[-1]
    evidence = sum(length for *_, length in kinds)
    assert len(encode(an_account())) == 5 + int.from_bytes(encode(an_account())[1:5], "little") + evidence + 2 * 16


def test_evidence_that_nobody_asked_for_is_written_as_it_was_read():
    state = encode(an_account())
    once = decode(state)
    assert once.kinds["intent"].stored is not None
    assert encode(once) == state
    once.kinds["intent"].keep(Evidence(1e9, T0, "new", "A new one", None))
    assert once.kinds["intent"].stored is None
    assert decode(encode(once)).kinds["intent"].evidence[0].event_id == "new"
    assert once.kinds["intent"].stored is not None, "as it was written"
    assert once.kinds["intent"].evidence[0].event_id == "new"
    assert decode(encode(once)).kinds["engagement"].evidence == an_account().kinds["engagement"].evidence


@pytest.mark.parametrize("version", [0, 1, 2, 4, 255])
def test_a_state_of_another_version_is_refused_with_advice(version):
    with pytest.raises(UnknownStateVersion) as refusal:
        decode(bytes((version,)) + encode(an_account())[1:])
    assert str(refusal.value) == (
        f"state of version {version}; this engine reads 3: `signal-engine rebuild` makes states anew out of the topics"
    )


def test_no_bytes_are_no_state():
    with pytest.raises(UnknownStateVersion, match=r"^state of version none; this engine reads 3: "):
        decode(b"")


def test_a_state_cut_short_anywhere_is_refused():
    state = encode(an_account())
    for length in range(len(state)):
        with pytest.raises(UnknownStateVersion):
            decode(state[:length])


def test_a_state_without_its_last_byte_says_so():
    with pytest.raises(UnknownStateVersion, match=r"^state with evidence or remembered ids cut short$"):
        decode(encode(an_account())[:-1])
