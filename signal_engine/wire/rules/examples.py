"""Records to show how they look; the tests send each through `read_rule`."""

from typing import Any, Final

from signal_engine.wire.rules.record import hash_of

_ICP_TEXT: Final = (
    "icp: midmarket-saas\nversion: 4\nowner: {name: Dana Reyes, email: dana@example.com}\nreview_by: 2027-02-20\n"
    "must_have:\n  employee_count: {gte: 100}\nbase: 60\ntiers: {A: 60}\ndecisions: {A: chase}\n"
)
_ICP: Final = {"icp": "midmarket-saas", "version": 4, "hash": hash_of(_ICP_TEXT)}
_SIGNED: Final = {
    "by": "dana@example.com",
    "reason": "Smaller companies won twice as often last quarter.",
    "at": "2026-11-02T09:30:00Z",
}

ICP_VERSIONS: Final[list[dict[str, Any]]] = [
    {"format": 1, **_ICP, "name": "midmarket-saas.yaml", "text": _ICP_TEXT, **_SIGNED}
]
SCORING_VERSIONS: Final[list[dict[str, Any]]] = [
    {
        "format": 1,
        "config_version": "2-3f2a9c1d",
        "rules_hash": "9b1deb4d",
        "name": "scoring.yaml",
        "text": "version: 2\nkinds: {}\n",
        **_SIGNED,
        "rollback_to": "1-77aa01b2",
    }
]
CURRENT_ICPS: Final[list[dict[str, Any]]] = [{"format": 1, "publication": 7, "icps": [_ICP], "quiet": False, **_SIGNED}]
CURRENT_SCORINGS: Final[list[dict[str, Any]]] = [
    {"format": 1, "publication": 1, "config_version": "2-3f2a9c1d", **_SIGNED, "by": "first start"}
]
WIRING_CONFIRMED: Final[list[dict[str, Any]]] = [
    {
        "format": 1,
        "icp": "midmarket-saas",
        "version": 4,
        "system": "cadence_list",
        "by": "sam@example.com",
        "note": "Took 40 companies below 100 employees out of the outbound cadence.",
        "at": "2026-11-20T14:00:00Z",
    }
]
