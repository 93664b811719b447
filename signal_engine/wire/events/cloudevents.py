"""CloudEvents 1.0 to events as producers would write them by hand.

subject is `account_id`, time is `occurred_at`, source is `source`, and `event_id` is source + `#` + id, since an id is
unique within its source only; the data holds the rest. These attributes win over the same field in the data; where
subject or time is missing, the data's own field counts. The extension attributes `kind`, `receivedat` and `backfill`
stand in for `kind`, `received_at` and `backfill` where the data has none. Data may be left out, and so may `type`: it
is the producer's own word, which names the kind only in files, and only when nothing else does.

An attribute may be of any length: source and id that are too long together for an `event_id` are hashed; `source` is
kept as far as people read it.
"""

import re
from base64 import b64decode
from collections.abc import Mapping, Sequence
from hashlib import sha256
from typing import Any, Final, NamedTuple, TypeAlias

import orjson

from signal_engine.core.rules.kinds import KINDS
from signal_engine.wire.events.models import MAX_ID_LENGTH, MAX_SOURCE_LENGTH

_SPECVERSION: Final = "1.0"
HEADER_PREFIX: Final = "ce_"
"""Of the attributes in binary mode, as the Kafka binding of CloudEvents has it."""
CONTENT_TYPE: Final = "content-type"
_VERSION: Final = re.compile(r"(?:[./_-]v?[0-9]+)+\Z", re.IGNORECASE)
"""At the end of a type: `.v2`, `.2`, `.v1.0`, `/v1`, `-v1`."""
_STRUCTURED: Final = "application/cloudevents"
_ATTRIBUTE_OF: Final = {"account_id": "subject", "occurred_at": "time", "source": "source"}
_EXTENSION_OF: Final = {"kind": "kind", "received_at": "receivedat", "backfill": "backfill"}

Headers: TypeAlias = Sequence[tuple[str, bytes | None]]


class Unwrapped(NamedTuple):
    """An event out of its envelope."""

    event: dict[str, Any]
    """As far as it could be read, also when there is a fault: the instant of a refused line is still wanted."""
    fault: str | None = None
    """The attribute and what is wrong with it; None when the envelope is in order or there is none."""
    kind_by_type: str | None = None
    """`com.acme.signals.hiring.v2` is of kind hiring; None when the last part of the type is no kind."""


def unwrap(value: dict[str, Any], headers: Headers = ()) -> Unwrapped:
    """The event in `value`, an object without nulls: binary mode by its headers, structured by its `specversion`."""
    if attributes := _header_attributes(headers):
        return Unwrapped(_merged(attributes, value), _fault(attributes), _kind_by_type(attributes))
    if "specversion" not in value:
        return Unwrapped(value)
    data, fault = _data(value)
    return Unwrapped(_merged(value, data), _fault(value) or fault, _kind_by_type(value))


def _header_attributes(headers: Headers) -> dict[str, str]:
    """The attributes in the headers of a record; empty unless it is in binary mode."""
    texts = {name: value.decode("utf-8", "replace") for name, value in headers if value is not None}
    attributes = {
        name.removeprefix(HEADER_PREFIX): text for name, text in texts.items() if name.startswith(HEADER_PREFIX)
    }
    content_type = texts.get(CONTENT_TYPE)
    if not attributes or content_type is None:
        return attributes
    return {} if content_type.lower().startswith(_STRUCTURED) else {**attributes, "datacontenttype": content_type}


def _merged(attributes: Mapping[str, Any], data: Mapping[str, Any]) -> dict[str, Any]:
    merged = {
        **{field: attributes[extension] for field, extension in _EXTENSION_OF.items() if extension in attributes},
        **{field: value for field, value in data.items() if value is not None},
        **{field: attributes[attribute] for field, attribute in _ATTRIBUTE_OF.items() if attribute in attributes},
        "event_id": _event_id(f"{attributes.get('source')}#{attributes.get('id')}"),
    }
    if isinstance(source := attributes.get("source"), str):
        merged["source"] = source[:MAX_SOURCE_LENGTH]
    return merged


def _event_id(named: str) -> str:
    """An attribute may be of any length, an id here may not."""
    return named if len(named) <= MAX_ID_LENGTH else f"sha256:{sha256(named.encode()).hexdigest()}"


def _fault(attributes: Mapping[str, Any]) -> str | None:
    if attributes.get("specversion") != _SPECVERSION:
        return f"specversion (CloudEvents) must be {_SPECVERSION}"
    for name in ("id", "source"):
        if not isinstance(attributes.get(name), str) or not attributes[name]:
            return f"{name} (CloudEvents) must be text and not empty"
    media_type = attributes.get("datacontenttype")
    if media_type is not None and not _is_json(str(media_type)):
        return "datacontenttype (CloudEvents) must be JSON"
    return None


def _is_json(media_type: str) -> bool:
    """`application/json; charset=utf-8`, `text/json`, `application/vnd.acme+json`."""
    subtype = media_type.partition(";")[0].strip().lower().rpartition("/")[2]
    return subtype == "json" or subtype.endswith("+json")


def _kind_by_type(attributes: Mapping[str, Any]) -> str | None:
    last = re.split(r"[./]", _VERSION.sub("", str(attributes.get("type"))))[-1]
    return last if last in KINDS else None


def _data(envelope: Mapping[str, Any]) -> tuple[dict[str, Any], str | None]:
    """The data of an event in structured mode and what is wrong with it."""
    data, encoded = envelope.get("data"), envelope.get("data_base64")
    if data is not None and encoded is not None:
        return {}, "data and data_base64 (CloudEvents) exclude each other"
    if encoded is not None:
        try:
            data = orjson.loads(b64decode(encoded, validate=True))
        except (ValueError, TypeError):  # binascii.Error and orjson.JSONDecodeError are ValueErrors
            return {}, "data_base64 (CloudEvents) must be JSON in base64"
    if data is not None and not isinstance(data, dict):
        return {}, "data (CloudEvents) must be a JSON object"
    return data or {}, None
