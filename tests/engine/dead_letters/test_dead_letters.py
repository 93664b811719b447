"""Dead letters written and read back: the record is as it was received, whatever it came with."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signal_engine.engine.dead_letters.query import DeadLetterQuery, Wanted
from signal_engine.engine.dead_letters.reader import (
    DeadLetter,
    RecordPosition,
    parse_place,
    parse_topic_partition,
    read_dead_letter,
)
from signal_engine.engine.dead_letters.writer import dead_letter
from signal_engine.engine.ports.producer import ToSend
from signal_engine.engine.ports.transaction import TopicPartition
from signal_engine.wire.events.rejections import REASONS, Refusal
from tests.build import T0, after
from tests.engine.stand import INTENT, TOPICS, Rec

names = st.sampled_from(["trace", "", "ü\u202e", "dlq.reason", "dlq.topic", "dlq.x", "backfill"]) | st.text(
    st.characters(codec="utf-8"), max_size=5
)
headers = st.lists(st.tuples(names, st.none() | st.binary(max_size=5)), max_size=6)


def lying(letter: ToSend, offset: int = 0) -> Rec:
    """The letter as a reader of the dead-letter topic gets it."""
    return Rec(offset, T0, letter.value, letter.key, letter.headers)


def refused(record: Rec, reason: str = "schema", at: int = T0, most: int = 1_000_000) -> ToSend:
    place = TopicPartition(INTENT, 3)
    return dead_letter(record, Refusal(reason, "score must be a number"), place, at, TOPICS.dead_letters, most)


def letter(offset: int, reason: str = "schema", at: int = T0, lies_at: int = 0) -> DeadLetter:
    read = read_dead_letter(lying(refused(Rec(offset, T0, b"{"), reason, at), lies_at), 3)
    assert read is not None
    return read


@given(st.none() | st.binary(), st.none() | st.binary(), headers, st.integers(0, 2**53 - 1), st.sampled_from(REASONS))
def test_what_is_read_back_is_what_was_received(key, value, sent_with, offset, reason) -> None:
    read = read_dead_letter(lying(refused(Rec(offset, T0, value, key, sent_with), reason), 5), 3)
    assert read is not None
    assert (read.key, read.value, list(read.headers)) == (key, value, sent_with)
    assert (read.place, read.reason, read.at) == (RecordPosition(INTENT, 3, offset), reason, T0)
    assert (read.partition, read.offset, read.left_out, read.size) == (3, 5, "", len(value or b""))


@given(headers)
def test_a_record_that_is_no_letter_of_ours_is_none_or_a_letter_and_never_an_error(sent_with) -> None:
    read = read_dead_letter(Rec(0, T0, b"x", None, sent_with), 0)
    assert read is None or read.place.topic


@pytest.mark.parametrize("missing", ["dlq.topic", "dlq.partition", "dlq.offset", "dlq.reason"])
def test_a_letter_that_does_not_say_whose_it_is_is_none(missing: str) -> None:
    whole = refused(Rec(0, T0, b"{"))
    part = [header for header in whole.headers if header[0] != missing]
    assert read_dead_letter(lying(whole._replace(headers=part)), 0) is None


@pytest.mark.parametrize(
    ("record", "left_out"),
    [
        (Rec(1, T0, b"x" * 90_000), "value"),
        (Rec(1, T0, b"x" * 90_000, None), "value"),
        (Rec(1, T0, b"x" * 90_000, b"k" * 9_000), "value, key"),
        (Rec(1, T0, b"x" * 90_000, headers=[("h", b"x" * 9_000)]), "value, headers"),
        (Rec(1, T0, None, headers=[("", None)] * 50_000), "value, headers"),
        (Rec(1, T0, b"x", b"k" * 90_000), "value, key"),
    ],
)
def test_what_does_not_fit_is_left_out_and_told_with_its_size(record: Rec, left_out: str) -> None:
    sent = refused(record, most=80_000)
    assert sum(len(n.encode()) + len(v or b"") for n, v in sent.headers) + len(sent.key or b"") < 20_000
    read = read_dead_letter(lying(sent), 3)
    assert read is not None
    assert (read.left_out, read.size, read.value) == (left_out, len(record.value or b""), None)
    assert len(read.sha256) == 64
    assert (read.key == record.key) == ("key" not in left_out)
    assert (list(read.headers) == list(record.headers)) == ("headers" not in left_out)


class TestTheBox:
    def test_copies_are_one_and_the_newest_come_first(self) -> None:
        box = DeadLetterQuery(Wanted(), 2)
        box.add([letter(1, at=after(1)), letter(2, at=after(3)), letter(1, at=after(9), lies_at=7)])
        box.add([letter(3, "account", at=after(2))])
        assert [one.place.offset for one in box.newest] == [2, 3]
        assert (box.total, box.by_reason) == (3, {"schema": 2, "account": 1})
        assert not any(one.value for one in box.newest), "content of letters is not held"

    @pytest.mark.parametrize(
        ("wanted", "offsets"),
        [
            (Wanted(reason="account"), [2]),
            (Wanted(topic="elsewhere"), []),
            (Wanted(since=after(2)), [3, 2]),
            (Wanted(places={RecordPosition(INTENT, 3, 1), RecordPosition(INTENT, 2, 2)}), [1]),
        ],
    )
    def test_only_those_asked_for(self, wanted: Wanted, offsets: list[int]) -> None:
        box = DeadLetterQuery(wanted, 10)
        box.add([letter(1, at=after(1)), letter(2, "account", after(2)), letter(3, at=after(3))])
        assert [one.place.offset for one in box.newest] == offsets
        assert box.by_topic.total() == len(offsets)


def test_places_are_read_as_they_are_written() -> None:
    assert parse_place(str(RecordPosition("a.b", 3, 17))) == RecordPosition("a.b", 3, 17)
    assert parse_topic_partition("a.b/3") == ("a.b", 3)


@pytest.mark.parametrize(
    "text", ["", "a", "a/1", "/1/2", "a/-1/2", "a/x/2", "a/1/x", "a/1/2/", "a/1/" + "9" * 16, "a/\u0661/2", "a/1/ 2"]
)
def test_what_is_no_place_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"an? (offset|topic-partition) is a "):
        parse_place(text)


def test_a_value_of_json_stays_bytes() -> None:
    """Nothing on the way parses it: duplicate keys and blanks would be lost."""
    value = b'{"a": 1,  "a": 2}'
    assert json.loads(value) == {"a": 2}
    assert read_dead_letter(lying(refused(Rec(0, T0, value))), 3).value == value  # type: ignore[union-attr]
