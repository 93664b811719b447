"""The rows of deliveries as the bytes of one value, and back. The revision stands before the JSON, for scripts."""

from types import NoneType, UnionType
from typing import Any, Final, Literal, get_args, get_origin, get_type_hints

import orjson

from signal_engine.core.delivery.flood import PersonalFlow, Summary
from signal_engine.core.delivery.ledger import DeliveryRow, RowStatus
from signal_engine.wire.storage.documents import reading

_BETWEEN: Final = b" "
_LATER: Final = (0, "", "")
"""The last fields of a summary as earlier versions did not store them."""
_STATUSES: Final = frozenset(get_args(RowStatus))


def _types_of(hint: Any) -> tuple[type, ...]:
    """The plain types of a field's values."""
    if isinstance(hint, UnionType):
        return tuple(kind for part in get_args(hint) for kind in _types_of(part))
    return (str,) if get_origin(hint) is Literal else (NoneType if hint is None else hint,)


_TYPES: Final = {name: _types_of(hint) for name, hint in get_type_hints(DeliveryRow).items() if name != "revision"}


def encode(row: DeliveryRow) -> bytes:
    """`REVISION JSON`."""
    fields = row._asdict()
    del fields["revision"]
    return str(row.revision).encode() + _BETWEEN + orjson.dumps(fields)


def decode(value: bytes) -> DeliveryRow:
    """Back; fields of newer versions are passed over. Raises `UnreadableDocument`."""
    with reading("the row of a delivery"):
        revision, _, document = value.partition(_BETWEEN)
        stored: dict[str, Any] = orjson.loads(document)
        fields = {name: stored[name] for name in _TYPES if name in stored}
        for name, found in fields.items():
            if type(found) not in _TYPES[name]:
                raise TypeError(name)
        row = DeliveryRow(**fields, revision=int(revision))
        if row.status not in _STATUSES:
            raise ValueError("status")
        return row


def encode_flow(flow: PersonalFlow) -> bytes:
    """What one person got lately, as JSON."""
    return orjson.dumps([[*map(list, flow.sent)], [*map(list, flow.summaries)]])


def decode_flow(value: bytes | None) -> PersonalFlow:
    """Back; nothing where there is none. Raises `UnreadableDocument`."""
    if value is None:
        return PersonalFlow()
    with reading("what a person got lately"):
        sent, summaries = orjson.loads(value)
        return PersonalFlow(tuple((_text(told), _whole(at)) for told, at in sent), tuple(map(_summary, summaries)))


def _summary(stored: list[Any]) -> Summary:
    delivery_id, due, others, accounts, begun, *more = stored
    later: list[Any] = [*more, *_LATER[len(more) :]]
    earlier, tells, destination = later
    return Summary(
        _text(delivery_id),
        _whole(due),
        tuple(map(_text, others)),
        tuple(map(_text, accounts)),
        bool(begun),
        _whole(earlier),
        _text(tells),
        _text(destination),
    )


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError("no text")
    return value


def _whole(value: object) -> int:
    if not isinstance(value, int):
        raise TypeError("no whole number")
    return value
