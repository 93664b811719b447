"""Bytes of an alert, as the topic `alerts` has it, to one validated alert, or what is wrong with it."""

from typing import Any, Final, NamedTuple

from pydantic import TypeAdapter, ValidationError

from signal_engine.core.delivery.routes import RoutedAlert
from signal_engine.core.rules.problems import Problem
from signal_engine.wire.config.yaml_files import problems_of
from signal_engine.wire.events.account_names import normalise
from signal_engine.wire.instants import parse_instant
from signal_engine.wire.output import models as outputs

LARGEST_ALERT: Final = 1024 * 1024
"""Bytes of JSON; alerts have some thousand."""
_INSTANTS: Final = ("at", "since", "cools_at", "why_now_at", "hand_raised_at", "last_signal_at", "claimed_at")
_ENDS: Final = parse_instant("9000-01-01T00:00:00Z")
"""ms. Calendars reach further than this by the longest clock of a route in anybody's working days."""
_ALERT: Final[TypeAdapter[outputs.Alert]] = TypeAdapter(outputs.Alert)


class UnreadableAlert(NamedTuple):
    """Bytes that are no alert."""

    problems: tuple[str, ...]
    """`field: what is wrong`; never a value."""


def read_alert(value: bytes) -> outputs.Alert | UnreadableAlert:
    """The alert. Fields of newer versions are passed over; one that is missing or of another type is named."""
    if len(value) > LARGEST_ALERT:
        return UnreadableAlert((f"has more than {LARGEST_ALERT:,} bytes",))
    try:
        alert = _ALERT.validate_json(value, strict=True)
    except ValidationError as error:
        if any(fault["type"] == "json_invalid" for fault in error.errors(include_input=False)):
            return UnreadableAlert(("is not one JSON document",))
        problems = (": ".join(filter(None, (_path(one), one.message))) for one in problems_of(error))
        return UnreadableAlert(tuple(dict.fromkeys(problems)))
    wrong = tuple(_wrong_instants(alert))
    if normalise(alert["account_id"]) != alert["account_id"]:
        wrong = ("account_id: is no domain as the engine writes it", *wrong)
    return UnreadableAlert(wrong) if wrong else alert


def routed(alert: outputs.Alert) -> RoutedAlert:
    """What the way of the alert depends on."""
    return RoutedAlert(
        alert_id=alert["alert_id"],
        account=alert["account_id"],
        type=alert["type"],
        audience=alert["audience"],
        tier=alert["tier"],
        icp=alert["icp"],
        segment=alert["segment"],
        relation=alert["relation"],
        level=alert["level"],
        owner=alert["owner"],
        sdr=alert["sdr"],
        claimed_by=alert["claimed_by"],
        pinned=alert["pinned"],
    )


def _path(problem: Problem) -> str:
    return ".".join(map(str, problem.path))


def _wrong_instants(alert: outputs.Alert) -> list[str]:
    fields: dict[str, Any] = dict(alert)
    instants = [(name, fields[name]) for name in _INSTANTS]
    for number, part in enumerate(alert["parts"]):
        instants += [
            (f"parts.{number}.evidence.{n}.occurred_at", one["occurred_at"]) for n, one in enumerate(part["evidence"])
        ]
    instants += [(f"people.{number}.last_seen_at", one["last_seen_at"]) for number, one in enumerate(alert["people"])]
    if alert["tipped_by"] is not None:
        instants.append(("tipped_by.occurred_at", alert["tipped_by"]["occurred_at"]))
    wrong = []
    for name, instant in instants:
        try:
            if instant is not None and not 0 <= parse_instant(instant) < _ENDS:
                wrong.append(f"{name}: lies before 1970 or after 8999")
        except ValueError as error:
            wrong.append(f"{name}: {error}")
    return wrong
