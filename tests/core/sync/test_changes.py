"""What has changed since a system was told."""

from signal_engine.core.sync.changes import PlaceChange, RuleMove, differing, place_changes, rule_move
from signal_engine.core.sync.fields import CRM_FIELDS, NO_FIELDS

CHASED = {**NO_FIELDS, "decision": "chase", "icp": "core", "icp_version": 3}


def test_only_fields_that_differ_are_written() -> None:
    assert differing(CHASED, {**CHASED, "tier": "A"}) == {"tier": "A"}
    assert differing(CHASED, CHASED) == {}
    assert differing(CHASED, NO_FIELDS) == {"decision": None, "icp": None, "icp_version": None}


def test_all_fields_are_written_where_nobody_knows_what_was_sent() -> None:
    assert [*differing(None, CHASED)] == [field.name for field in CRM_FIELDS]


def test_places() -> None:
    before, now = {"gone": 1, "up": 3, "same": 2, "picked": None}, {"new": 4, "up": 1, "same": 2, "picked": None}
    assert place_changes(before, now) == [
        PlaceChange("gone", "left", None, 1),
        PlaceChange("new", "entered", 4, None),
        PlaceChange("up", "moved", 1, 3),
    ]


def test_a_version_adds_or_removes_whom_the_system_chases() -> None:
    assert rule_move(NO_FIELDS, CHASED, "chase") == RuleMove("core", 3, added=True)
    ignored = {**CHASED, "decision": "ignore", "icp_version": 4}
    assert rule_move(CHASED, ignored, "chase") == RuleMove("core", 4, added=False)
    assert rule_move(CHASED, NO_FIELDS, "chase") == RuleMove("core", 3, added=False)
    assert rule_move(CHASED, {**CHASED, "icp_version": 4}, "chase") is None
    assert rule_move(NO_FIELDS, {**NO_FIELDS, "decision": "chase"}, "chase") is None
