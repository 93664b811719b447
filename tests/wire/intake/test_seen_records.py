"""Records of the topic `feeds.seen`: back and forth, and what is none."""

import pytest

from signal_engine.wire.intake.seen_records import SeenRecord, SeenState, seen_record


@pytest.mark.parametrize(
    "record",
    [
        SeenRecord("jobs", "acme.com", "hiring:1", SeenState(2, {"title": "CFO"})),
        SeenRecord("jobs", "acme.com", "hiring:1", SeenState(2, None, 1795867200000)),
        SeenRecord("jobs", "acme.com", "hiring:1", None),
        SeenRecord("jobs", "acme.com", "", None),
    ],
    ids=["there", "gone", "forgotten", "an account"],
)
def test_a_record_comes_back(record):
    assert seen_record(record.key, record.value) == record


@pytest.mark.parametrize(
    ("key", "value", "said"),
    [
        (None, b"{}", "does not say what a feed showed"),
        (b"x", b"{}", "does not say what a feed showed"),
        (b'["a","b"]', b'{"v":1}', "does not say what a feed showed"),
        (b'["a","b","c"]', b"[]", "does not say what a feed showed"),
        (b'["a","b","c"]', b'{"v":1}', "does not say what a feed showed"),
        (b'["a","b","c"]', b'{"v":2,"appearance":1}', "is of version 2"),
    ],
)
def test_what_is_no_record_is_said(key, value, said):
    with pytest.raises(ValueError, match=said):
        seen_record(key, value)
