"""The topics as one AsyncAPI 3.0 document, from the engine's point of view: it receives signals and sends the rest."""

from typing import Any, Final

from signal_engine.core.rules.instants import DAY
from signal_engine.wire.events.models import EVENT_MODELS
from signal_engine.wire.events.rejections import REASONS
from signal_engine.wire.rules.fit_load import FIT_LOAD_KEY
from signal_engine.wire.topics import (
    ACCOUNT_ACTIONS,
    ALERTS,
    DEAD_LETTERS,
    FIT_ACCOUNTS,
    FIT_HISTORY,
    OUTCOMES,
    PRIORITY_ACCOUNTS,
    PRIORITY_LISTS,
    RULES,
    SIGNAL_TOPICS,
)

_CONTRACT_VERSION: Final = "1.0.0"
_SCHEMA_FORMAT: Final = "application/schema+json;version=draft-2020-12"
_BINDING: Final = "0.5.0"
_COMPACTED: Final = {"cleanup.policy": ["compact"]}
_THIRTY_DAYS: Final = {"cleanup.policy": ["delete"], "retention.ms": 30 * DAY}
_FOR_EVER: Final = {"cleanup.policy": ["delete"], "retention.ms": -1}

_KEYS: Final = {
    "account": "The account_id.",
    "list": "The name of the list.",
    "list-account": "The name of the list, a slash, the account_id.",
    "as-received": "As received.",
    "icp-version": "`icp/ID/VERSION/HASH`.",
    "scoring-version": "`scoring/CONFIG_VERSION`.",
    "current-icp": "`current/icp`.",
    "current-scoring": "`current/scoring`.",
    "wiring-confirmed": "`wiring/ID/VERSION/SYSTEM`.",
    "rule": f"Of a load of accounts: {FIT_LOAD_KEY.decode()}.",
}


def asyncapi_document() -> dict[str, Any]:
    """The document; it references the schemas in the same folder by file name."""
    signals = {topic: _signal_channel(kind, topic) for kind, topic in SIGNAL_TOPICS.items()}
    outputs = {topic: _channel(topic, *row) for topic, row in _OUTPUTS.items()}
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Signal Engine",
            "version": _CONTRACT_VERSION,
            "description": (
                "Buying signals in; ranked lists, alerts and dead letters out. A configured prefix stands before every "
                "topic name. All signal topics have the same number of partitions; keys are partitioned by murmur2."
            ),
            "license": {"name": "Apache-2.0"},
        },
        "defaultContentType": "application/json",
        "channels": {**signals, **outputs},
        "operations": {
            **{
                f"receive-{topic}": {"action": "receive", "channel": _ref("channels", topic)}
                for topic in (*signals, ACCOUNT_ACTIONS, RULES, FIT_ACCOUNTS, OUTCOMES)
            },
            **{f"send-{topic}": {"action": "send", "channel": _ref("channels", topic)} for topic in outputs},
        },
        "components": {"messages": {**_signal_messages(), **_OUTPUT_MESSAGES}, "messageTraits": _TRAITS},
    }


def _ref(section: str, name: str) -> dict[str, str]:
    return {"$ref": f"#/{section}/{name}"}


def _file(name: str) -> dict[str, Any]:
    return {"schemaFormat": _SCHEMA_FORMAT, "schema": {"$ref": f"./{name}.json"}}


def _key(name: str) -> dict[str, Any]:
    return {"kafka": {"key": {"type": "string", "description": _KEYS[name]}, "bindingVersion": _BINDING}}


def _message(title: str, key: str, payload: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"title": title, "payload": payload, "bindings": _key(key), **more}


def _channel(topic: str, description: str, messages: tuple[str, ...], configuration: dict[str, Any]) -> dict[str, Any]:
    return {
        "address": topic,
        "description": description,
        "messages": {name: _ref("components/messages", name) for name in messages},
        "bindings": {"kafka": {"topicConfiguration": configuration, "bindingVersion": _BINDING}},
    }


def _signal_channel(kind: str, topic: str) -> dict[str, Any]:
    description = f"Signals of kind {kind}. Records carry the time of their arrival (LogAppendTime)."
    return _channel(topic, description, (kind, f"{kind}-cloudevent"), {"cleanup.policy": ["delete"]})


def _signal_messages() -> dict[str, Any]:
    messages = {}
    for kind in EVENT_MODELS:
        title = f"{kind.capitalize()} event"
        messages[kind] = _message(title, "account", _file(kind), traits=[_ref("components/messageTraits", "backfill")])
        messages[f"{kind}-cloudevent"] = _message(
            f"{title} as a CloudEvent",
            "account",
            {"type": "object", "description": f"The fields of {kind}.json that are not in the headers."},
            traits=[_ref("components/messageTraits", "cloudevent")],
            description="CloudEvents 1.0 in binary mode; structured mode is accepted, too.",
        )
    return messages


_BACKFILL: Final = {"description": "Any value: history is loaded; alerts are decided and recorded, but not sent."}
_TEXT: Final = {"type": "string"}
_TRAITS: Final[dict[str, Any]] = {
    "backfill": {"headers": {"type": "object", "properties": {"backfill": _BACKFILL}}},
    "cloudevent": {
        "headers": {
            "type": "object",
            "required": ["ce_specversion", "ce_id", "ce_source"],
            "properties": {
                "backfill": _BACKFILL,
                "ce_specversion": {"const": "1.0"},
                "ce_id": {**_TEXT, "description": "event_id is ce_source, #, ce_id."},
                "ce_source": {**_TEXT, "description": "The event's source."},
                "ce_type": _TEXT,
                "ce_subject": {**_TEXT, "description": "The event's account_id."},
                "ce_time": {**_TEXT, "format": "date-time", "description": "The event's occurred_at."},
                "content-type": {**_TEXT, "description": "JSON, such as application/json."},
            },
        }
    },
}

_OUTPUT_MESSAGES: Final[dict[str, Any]] = {
    "priority-list": _message("The whole current list", "list", _file("priority-list")),
    "list-tombstone": _message("The list no longer exists", "list", {"type": "null"}),
    "entry": _message("One entry of a list", "list-account", _file("entry")),
    "entry-tombstone": _message("The account left the list", "list-account", {"type": "null"}),
    "alert": _message("One alert", "account", _file("alert")),
    "account-action": _message("One account action", "account", _file("account-action")),
    "outcome": _message("One outcome", "account", _file("outcome")),
    "icp-version": _message("One version of an ICP", "icp-version", _file("icp-version")),
    "scoring-version": _message("One version of the scoring file", "scoring-version", _file("scoring-version")),
    "current-icp": _message("The ICP versions to be in force", "current-icp", _file("current-icp")),
    "current-scoring": _message("The scoring file to be in force", "current-scoring", _file("current-scoring")),
    "wiring-confirmed": _message(
        "A person's word that an ICP changed a system downstream", "wiring-confirmed", _file("wiring-confirmed")
    ),
    "fit-account": _message("One account as loaded", "account", _file("fit-account")),
    "fit-account-tombstone": _message("The account left the accounts file", "account", {"type": "null"}),
    "fit-load": _message("A load of accounts is whole", "rule", _file("fit-load")),
    "dead-letter": _message(
        "A rejected record, bytes and headers untouched",
        "as-received",
        {"description": "As received, whatever it was."},
        headers=_file("dead-letter-headers"),
        contentType="application/octet-stream",
        description=f"Why it was refused is in `dlq.reason`: {', '.join(REASONS)}.",
    ),
}
_OUTPUTS: Final[dict[str, tuple[str, tuple[str, ...], dict[str, Any]]]] = {
    PRIORITY_LISTS: ("Per list, the whole list as it is now.", ("priority-list", "list-tombstone"), _COMPACTED),
    PRIORITY_ACCOUNTS: (
        "Per list, its entries: compacted, the topic is the list.",
        ("entry", "entry-tombstone"),
        _COMPACTED,
    ),
    ALERTS: (
        "Whom to call now, and why. At least once: a repeated alert has the same alert_id.",
        ("alert",),
        _THIRTY_DAYS,
    ),
    DEAD_LETTERS: ("What was rejected, at least once.", ("dead-letter",), _THIRTY_DAYS),
    ACCOUNT_ACTIONS: (
        "What people decided about accounts: written by commands and HTTP, read by the worker; also the audit log.",
        ("account-action",),
        _FOR_EVER,
    ),
    RULES: (
        "The published rules, and which load of accounts is whole: written by commands, read by the worker.",
        ("icp-version", "scoring-version", "current-icp", "current-scoring", "fit-load", "wiring-confirmed"),
        _COMPACTED,
    ),
    FIT_ACCOUNTS: (
        "The accounts as loaded: written by `fit load`, decided by the worker that owns the partition.",
        ("fit-account", "fit-account-tombstone"),
        _COMPACTED,
    ),
    FIT_HISTORY: (
        "What each load changed in `fit.accounts`, kept.",
        ("fit-account", "fit-account-tombstone"),
        _FOR_EVER,
    ),
    OUTCOMES: (
        "What came of accounts: written by `import`, kept by the worker for people. It never changes a score.",
        ("outcome",),
        _FOR_EVER,
    ),
}
