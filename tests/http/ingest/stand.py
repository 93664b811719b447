"""`ingest` without Kafka: what it was given, and what it answers; Kafka can go away."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from signal_engine.adapters.http.edge.access_control import AccessPolicy
from signal_engine.adapters.http.edge.rate_limit import RateLimit
from signal_engine.adapters.http.edge.tokens import WRITING_SCOPES, Tokens
from signal_engine.adapters.http.ingest.application import IngestContext, ingest_application
from signal_engine.adapters.http.ingest.hooks import ServedHook
from signal_engine.adapters.http.ingest.sender import IngestTopics, Sender
from signal_engine.engine.intake.requests.known_accounts import KnownAccounts
from signal_engine.engine.intake.states.seen import FollowsSeen
from signal_engine.engine.ports.producer import Sent, ToSend
from signal_engine.entrypoints.wiring.hooks import served_hooks
from signal_engine.wire.instants import format_instant, parse_instant
from signal_engine.wire.topics import topic_names
from tests.engine.stand import Said
from tests.http.asking import Answer, ask

NOW = parse_instant("2026-11-28T12:00:00Z")
JSON = "application/json"
NAMES = topic_names()
MINUTE = 60_000


class Kafka:
    """Takes records; `fails` says of how many of the next it does not: None, all of them at once."""

    def __init__(self) -> None:
        self.is_up = True
        self.records: list[ToSend] = []
        self.lost_from: int | None = None
        """The place in a call from which on nothing is acknowledged."""

    async def attempt(self, records: Sequence[ToSend]) -> list[Sent]:
        if not self.is_up:
            return [Sent.NOT_SENT] * len(records)
        kept = len(records) if self.lost_from is None else self.lost_from
        self.records += records[:kept]
        return [Sent.ACKNOWLEDGED] * kept + [Sent.UNKNOWN] * (len(records) - kept)

    def events(self) -> list[dict[str, Any]]:
        return [json.loads(one.value or b"") for one in self.records if one.topic != NAMES.ingest_dead_letters]

    def kept(self) -> list[ToSend]:
        return [one for one in self.records if one.topic == NAMES.ingest_dead_letters]


class Stand:
    """One server."""

    def __init__(
        self,
        hooks: Mapping[str, ServedHook] | None = None,
        max_bytes_in_flight: int = 2**26,
        tokens: str = "",
        seen: FollowsSeen | None = None,
        kafka: Kafka | None = None,
        known: KnownAccounts | None = None,
        **more: Any,
    ) -> None:
        self.now = NOW
        self.said = Said()
        self.kafka = kafka or Kafka()
        self.known = known or KnownAccounts()
        topics = IngestTopics(NAMES.signals, NAMES.ingest_dead_letters, NAMES.feeds_seen)
        context = IngestContext(
            Sender(self.kafka, topics), hooks or {}, max_bytes_in_flight, lambda: self.now, self.known, self.said, seen
        )
        policy: dict[str, Any] = {
            "tokens": Tokens.parse(tokens, WRITING_SCOPES),
            "hosts": frozenset({b"localhost", b"127.0.0.1"}),
            "origins": frozenset(),
            "rate": RateLimit(0, lambda: 0.0),
            "refusals": RateLimit(0, lambda: 0.0),
        }
        self.app = ingest_application(context, AccessPolicy(**{**policy, **more}))

    async def post(self, body: Any, target: str = "/v1/events", content_type: str = JSON, **headers: str) -> Answer:
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        if content_type:
            headers["content_type"] = content_type
        return await ask(self.app, target, "POST", raw, **headers)


def event(**fields: Any) -> dict[str, Any]:
    """A valid one; a field that is None is left out."""
    whole = {
        "kind": "engagement",
        "event_id": "e-1",
        "account_id": "https://www.Acme.com/pricing",
        "occurred_at": format_instant(NOW - MINUTE),
        "activity": "pricing_view",
        **fields,
    }
    return {name: value for name, value in whole.items() if value is not None}


def hooks_in(folder: Path, text: str, **files: str) -> dict[str, ServedHook]:
    """The hooks of a file, with mappings and secrets beside it: `own_yaml` is the file `own.yaml`."""
    for name, content in files.items():
        (folder / name.replace("_", ".")).write_text(content)
    path = folder / "hooks.yaml"
    path.write_text(text.replace("FOLDER", str(folder)))
    return served_hooks(str(path))
