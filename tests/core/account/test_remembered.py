"""Event ids that an account has counted: until their signal would be expired, at most so many, oldest first out."""

from collections.abc import Iterator
from itertools import count

import pytest
from xxhash import xxh3_64_hexdigest

from signal_engine.core.rules.kinds import KINDS as ALL_KINDS
from signal_engine.core.rules.policy import REMEMBERED_IDS
from signal_engine.core.score.remembered import HASH_BYTES, RememberedIds, id_hash
from tests.build import DAY, T0, after, kind

KINDS = {"intent": kind(half_life=1), "hiring": kind("hiring", half_life=10)}
INTENT_LIVES, HIRING_LIVES = 6 * DAY, 60 * DAY


def hashed(event_id: str) -> bytes:
    """As an id of intent: whoever remembers hashes does not care what they are of."""
    return id_hash(event_id, "intent")


def remembering(*ids: tuple[str, str, int], now: int = T0, most: int = 100) -> RememberedIds:
    """Of (id, kind, occurred_at), added in that order at `now`."""
    remembered = RememberedIds()
    for event_id, name, occurred_at in ids:
        remembered.add(hashed(event_id), name, occurred_at, now, KINDS, most)
    return remembered


def held(remembered: RememberedIds, *ids: str, now: int = T0) -> str:
    return " ".join(event_id for event_id in ids if remembered.holds(hashed(event_id), now, KINDS))


def test_an_id_is_hashed_to_64_bits_that_never_change():
    assert HASH_BYTES == 8
    assert id_hash("evt-1", "intent").hex() == xxh3_64_hexdigest(b"\x00evt-1")
    assert id_hash("evt-1", "leadership").hex() == xxh3_64_hexdigest(b"\x05evt-1")


def test_an_id_is_one_within_its_kind():
    names = ["", "a", "b", "ab", "abc", "evt-1", "evt-2"]
    assert len({id_hash(name, kind) for name in names for kind in ALL_KINDS}) == len(names) * len(ALL_KINDS)


def test_an_account_remembers_1024_ids_unless_told_otherwise():
    assert REMEMBERED_IDS == 1024


def test_nothing_is_held_at_first():
    assert held(RememberedIds(), "a") == ""
    assert len(RememberedIds()) == 0
    assert RememberedIds().evicted == 0


def test_ids_that_were_added_are_held_and_others_are_not():
    remembered = remembering(("a", "intent", T0), ("b", "hiring", T0 + 5), ("c", "intent", T0 + 9))
    assert held(remembered, "a", "b", "c", "d") == "a b c"
    assert len(remembered) == 3


@pytest.mark.parametrize(("name", "lives"), [("intent", INTENT_LIVES), ("hiring", HIRING_LIVES)])
def test_an_id_is_held_to_the_very_millisecond_at_which_its_signal_would_expire(name, lives):
    remembered = remembering(("a", name, T0))
    assert held(remembered, "a", now=T0 + lives) == "a"
    assert held(remembered, "a", now=T0 + lives + 1) == ""


def test_an_id_of_a_kind_that_no_longer_counts_is_held_no_longer_than_its_instant():
    remembered = remembering(("a", "funding", T0))
    assert held(remembered, "a", now=T0) == "a"
    assert held(remembered, "a", now=T0 + 1) == ""


@pytest.mark.parametrize("order", ["abcd", "dcba", "bdac", "cadb"])
def test_ids_stand_oldest_first_in_whatever_order_they_came(order):
    ages = {"a": T0 - 3, "b": T0 - 2, "c": T0 - 1, "d": T0}
    remembered = remembering(*((event_id, "hiring", ages[event_id]) for event_id in order))
    assert bytes(remembered.hashes) == b"".join(map(hashed, "abcd"))
    assert [stamp >> 3 for stamp in remembered.stamps] == [T0 - 3, T0 - 2, T0 - 1, T0]


def test_of_equally_old_ids_the_one_added_first_stands_first():
    remembered = remembering(("a", "hiring", T0), ("b", "hiring", T0), ("z", "hiring", T0 + 9), ("c", "hiring", T0))
    assert bytes(remembered.hashes) == b"".join(map(hashed, "abcz"))


def test_the_oldest_go_first_when_there_are_too_many_and_are_counted():
    remembered = remembering(*((f"{n}", "hiring", T0 + n) for n in (3, 1, 4, 2)), now=T0 + 9, most=2)
    assert held(remembered, "1", "2", "3", "4", now=T0 + 9) == "3 4"
    assert (len(remembered), remembered.evicted) == (2, 2)


def test_so_many_as_are_allowed_stay():
    remembered = remembering(("a", "hiring", T0), ("b", "hiring", T0 + 1), most=2)
    assert (held(remembered, "a", "b"), remembered.evicted) == ("a b", 0)


def test_the_new_id_itself_goes_when_it_is_the_oldest():
    remembered = remembering(("b", "hiring", T0 + 1), ("c", "hiring", T0 + 2), ("a", "hiring", T0), most=2)
    assert (held(remembered, "a", "b", "c"), remembered.evicted) == ("b c", 1)


def test_expired_ids_make_room_without_being_counted_as_evicted():
    late = T0 + INTENT_LIVES + 1
    remembered = remembering(("a", "intent", T0), ("b", "intent", T0 + 2))
    remembered.add(hashed("c"), "intent", late, late, KINDS, 2)
    assert held(remembered, "a", "b", "c", now=late) == "b c"
    assert (len(remembered), remembered.evicted) == (2, 0)


def test_an_id_at_its_last_millisecond_is_not_yet_expired_and_is_counted_when_it_must_go():
    late = T0 + INTENT_LIVES
    remembered = remembering(("a", "intent", T0), ("b", "intent", T0 + 2))
    remembered.add(hashed("c"), "intent", late, late, KINDS, 2)
    assert (held(remembered, "a", "b", "c", now=late), remembered.evicted) == ("b c", 1)


def test_an_id_that_comes_again_after_its_time_is_remembered_once_by_its_new_instant():
    late = T0 + INTENT_LIVES + 1
    remembered = remembering(("a", "intent", T0), ("b", "hiring", T0 + 5))
    remembered.add(hashed("a"), "intent", late, late, KINDS, 100)
    assert len(remembered) == 2
    assert held(remembered, "a", "b", now=late + INTENT_LIVES) == "a b"
    assert bytes(remembered.hashes) == hashed("b") + hashed("a")


def test_forgetting_lets_go_of_the_expired_only():
    remembered = remembering(("a", "intent", T0), ("b", "hiring", T0 + 1), ("c", "intent", T0 + 2), ("d", "hiring", T0))
    remembered.forget_expired(T0 + INTENT_LIVES + 1, KINDS)
    assert bytes(remembered.hashes) == hashed("d") + hashed("b") + hashed("c")
    assert held(remembered, "b", "c", "d", now=T0 + INTENT_LIVES + 2) == "b c d"
    assert remembered.evicted == 0


def test_forgetting_changes_nothing_while_all_live():
    remembered = remembering(("a", "intent", T0), ("b", "hiring", T0 + 1))
    hashes, stamps = remembered.hashes, remembered.stamps
    remembered.forget_expired(T0 + INTENT_LIVES, KINDS)
    assert remembered.hashes is hashes
    assert remembered.stamps is stamps


def test_bytes_of_two_neighbours_that_look_like_a_third_are_no_id():
    first, second = b"AAAABBBB", b"CCCCDDDD"
    remembered = RememberedIds()
    for place, digest in enumerate((first, second)):
        remembered.add(digest, "hiring", T0 + place, T0, KINDS, 100)
    assert not remembered.holds(b"BBBBCCCC", T0, KINDS)
    remembered.add(b"BBBBCCCC", "hiring", T0 + 2, T0, KINDS, 100)
    assert remembered.holds(b"BBBBCCCC", T0, KINDS)
    assert len(remembered) == 3
    assert remembered.holds(first, T0, KINDS)
    assert remembered.holds(second, T0, KINDS)


@pytest.mark.parametrize("shift", range(1, 8))
def test_bytes_across_two_neighbours_are_no_id_wherever_they_begin(shift):
    remembered = RememberedIds()
    for place, digest in enumerate((b"abcdefgh", b"ijklmnop")):
        remembered.add(digest, "hiring", T0 + place, T0, KINDS, 100)
    assert not remembered.holds(b"abcdefghijklmnop"[shift : shift + 8], T0, KINDS)


def test_an_id_is_found_right_behind_bytes_that_look_like_it():
    remembered = RememberedIds()
    for place, digest in enumerate((b"abcdefgx", b"xxxxxxxx", b"xhijklmn")):
        remembered.add(digest, "hiring", T0 + place, T0, KINDS, 100)
    assert remembered.holds(b"xxxxxxxx", T0, KINDS)


def test_the_expiry_asked_is_that_of_the_id_found_not_of_its_neighbour():
    remembered = remembering(("a", "hiring", T0), ("b", "intent", T0 + 1), ("c", "hiring", T0 + 2))
    assert held(remembered, "a", "b", "c", now=T0 + INTENT_LIVES + 2) == "a c"


@pytest.mark.parametrize("name", ALL_KINDS)
@pytest.mark.parametrize("occurred_at", [-T0, 0, T0])
def test_every_kind_is_told_from_its_stamp(name, occurred_at):
    kinds = {one: kind(one, half_life=99) for one in ALL_KINDS} | {name: kind(name, half_life=3)}
    remembered = RememberedIds()
    remembered.add(b"12345678", name, occurred_at, occurred_at, kinds, 100)
    assert remembered.holds(b"12345678", occurred_at + 18 * DAY, kinds)
    assert not remembered.holds(b"12345678", occurred_at + 18 * DAY + 1, kinds)


def test_expired_ids_make_room_before_a_living_one_goes_whatever_stands_in_front():
    kinds = {"intent": kind(half_life=1), "hiring": kind("hiring", half_life=10)}
    ids = RememberedIds()
    for event_id, name, day in (("h", "hiring", 0), ("i", "intent", 1), ("j", "intent", 20)):
        ids.add(hashed(event_id), name, after(day), after(day), kinds, 2)
    assert ids.holds(hashed("h"), after(20), kinds)
    assert ids.holds(hashed("j"), after(20), kinds)
    assert ids.evicted == 0


def test_when_all_have_expired_the_next_one_begins_anew():
    ids = remembering(("a", "intent", T0))
    ids.forget_expired(T0 + INTENT_LIVES + 1, KINDS)
    assert len(ids) == 0
    ids.add(hashed("b"), "intent", after(10), after(10), KINDS, 1)
    ids.add(hashed("c"), "intent", after(11), after(11), KINDS, 1)
    assert (held(ids, "b", "c", now=after(11)), ids.evicted) == ("c", 1)


def seldom(*, wanted: bool) -> Iterator[str]:
    """Ids after which a look for expired ones is worth it, or is not."""
    return (f"id {n}" for n in count() if (hashed(f"id {n}")[0] % 32 == 0) == wanted)


def test_tidying_looks_for_expired_ids_only_when_there_are_many():
    late = T0 + INTENT_LIVES + 10
    some, rare = seldom(wanted=False), seldom(wanted=True)
    ids = remembering(*((next(some), "intent", T0 + n) for n in range(30)))
    ids.add(hashed(next(rare)), "intent", late, late, KINDS, 1024)
    ids.tidy(late, KINDS)
    assert len(ids) == 31
    ids.add(hashed(next(rare)), "intent", late, late, KINDS, 1024)
    ids.tidy(late, KINDS)
    assert len(ids) == 22  # those of the first ten milliseconds have gone


def test_tidying_looks_once_in_a_while_and_not_after_every_load():
    late = T0 + INTENT_LIVES + 100
    some, rare = seldom(wanted=False), seldom(wanted=True)
    ids = remembering(*((next(some), "intent", T0) for n in range(40)))
    for _ in range(100):
        ids.add(hashed(next(some)), "intent", T0 + DAY, T0 + DAY, KINDS, 1024)
        ids.tidy(late, KINDS)
    assert len(ids) == 140
    ids.add(hashed(next(rare)), "intent", T0 + DAY, T0 + DAY, KINDS, 1024)
    ids.tidy(late, KINDS)
    assert len(ids) == 101
    ids.add(hashed(next(some)), "intent", T0 - DAY, T0 + DAY, KINDS, 1024)
    ids.tidy(late, KINDS)
    assert len(ids) == 102, "one look for each id that is worth it"


def test_one_id_in_thirty_two_is_worth_a_look():
    assert 250 < sum(hashed(f"{n}")[0] % 32 == 0 for n in range(10_000)) < 375
