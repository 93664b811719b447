"""An account's state as bytes: read back it is the same, and bytes that are not a whole state are refused."""

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from signal_engine.core.account import Account
from signal_engine.core.kind_state import Evidence, KindState
from signal_engine.core.kinds import KINDS
from signal_engine.core.remembered import RememberedIds
from signal_engine.wire.state import VERSION, UnknownStateVersion, decode, encode
from tests.build import T0, Story, after, event, kind, policy

INSTANTS = st.integers(-62_135_596_800_000, 253_402_300_799_999)
LEVELS = st.sampled_from(("cold", "warm", "hot"))
TEXT = st.text(st.characters(codec="utf-8"), max_size=20)
SETS_OF_KINDS = st.frozensets(st.sampled_from(KINDS))
EVIDENCE = st.builds(Evidence, st.floats(-1e9, 1e9), INSTANTS, TEXT, TEXT, st.none() | TEXT)


@st.composite
def accounts(draw) -> Account:
    account = Account()
    account.now = draw(INSTANTS)
    account.bound = draw(st.floats(0, 1e12))
    account.bound_by = draw(st.integers(0, 2**53 - 1))
    account.last_signal_at = draw(st.none() | INSTANTS)
    account.level = draw(LEVELS)
    account.previous_level = draw(st.none() | LEVELS)
    account.since = draw(st.none() | INSTANTS)
    account.episode = draw(st.integers(0, 10**6))
    account.episode_began = draw(INSTANTS)
    account.alerted = draw(st.booleans())
    account.named = draw(SETS_OF_KINDS)
    account.last_alert_at = draw(st.none() | INSTANTS)
    account.last_alert_kinds = draw(SETS_OF_KINDS)
    account.hand_raised_at = draw(st.none() | INSTANTS)
    account.people = draw(st.dictionaries(TEXT, INSTANTS, max_size=10))
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


def told() -> Account:
    story = Story(policy(kind(half_life=1), kind("engagement", half_life=1)))
    story.tell(event(points=90, source_url="https://example.com"))
    story.tell(event("engagement", 30, at=after(0.1), persona="cfo"))
    return story.account


@given(accounts())
def test_a_state_read_back_is_the_same_to_the_last_bit(account):
    assert everything(decode(encode(account))) == everything(account)
    assert encode(decode(encode(account))) == encode(account)


def test_what_is_read_back_has_the_types_that_the_engine_works_with():
    account = decode(encode(told()))
    assert isinstance(account.kinds["intent"].evidence[0], Evidence)
    assert isinstance(account.kinds["intent"].evidence, tuple)
    assert isinstance(account.named, frozenset)
    assert isinstance(account.ids.hashes, bytearray)


def test_the_version_comes_first_and_then_the_length_of_what_varies():
    state = encode(Account())
    assert (VERSION, state[0]) == (2, 2)
    assert int.from_bytes(state[1:5], "little") == len(state) - 5
    kinds = orjson.loads(encode(told())[5:][: int.from_bytes(encode(told())[1:5], "little")])[-1]
    evidence = sum(length for *_, length in kinds)
    assert len(encode(told())) == 5 + int.from_bytes(encode(told())[1:5], "little") + evidence + 2 * 16


def test_evidence_that_nobody_asked_for_is_written_as_it_was_read():
    state = encode(told())
    once = decode(state)
    assert once.kinds["intent"].stored is not None
    assert encode(once) == state
    once.kinds["intent"].keep(0, Evidence(1e9, T0, "new", "A new one", None))
    assert once.kinds["intent"].stored is None
    assert decode(encode(once)).kinds["intent"].evidence[0].event_id == "new"
    assert once.kinds["intent"].stored is not None, "as it was written"
    assert once.kinds["intent"].evidence[0].event_id == "new"
    assert decode(encode(once)).kinds["engagement"].evidence == told().kinds["engagement"].evidence


def test_a_state_of_version_1_is_read_and_written_as_one_of_this():
    def old(account: Account) -> bytes:
        """As version 1 had it: evidence inside the JSON."""
        state = encode(account)
        end = 5 + int.from_bytes(state[1:5], "little")
        fields = orjson.loads(state[5:end])
        evidence = [[*map(tuple, its.evidence)] for its in account.kinds.values()]
        inside = [[*kind[:3], its] for kind, its in zip(fields[-1], evidence, strict=True)]
        body = orjson.dumps([*fields[:-1], inside])
        return b"\x01" + len(body).to_bytes(4, "little") + body + state[end + sum(kind[3] for kind in fields[-1]) :]

    account = told()
    assert everything(decode(old(account))) == everything(decode(encode(account)))
    assert encode(decode(old(account))) == encode(account)


@pytest.mark.parametrize("version", [0, 3, 255])
def test_a_state_of_another_version_is_refused(version):
    with pytest.raises(UnknownStateVersion, match=rf"^state of version {version}; this engine reads 2$"):
        decode(bytes((version,)) + encode(told())[1:])


def test_no_bytes_are_no_state():
    with pytest.raises(UnknownStateVersion, match=r"^state of version none; this engine reads 2$"):
        decode(b"")


def test_a_state_cut_short_anywhere_is_refused():
    state = encode(told())
    for length in range(len(state)):
        with pytest.raises(UnknownStateVersion):
            decode(state[:length])


def test_a_state_without_its_last_byte_says_so():
    with pytest.raises(UnknownStateVersion, match=r"^state with evidence or remembered ids cut short$"):
        decode(encode(told())[:-1])
