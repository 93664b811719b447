"""Limits that the pages name are those of the code."""

from pathlib import Path

import pytest

from signal_engine.adapters.faust.group import SESSION_TIMEOUT_S
from signal_engine.adapters.http.edge.protocol import REQUEST_TIMEOUT_S
from signal_engine.adapters.http.ingest.bodies import MAX_EVENTS
from signal_engine.adapters.http.ingest.hooks import MAX_KEPT_PER_SECOND
from signal_engine.adapters.http.ingest.in_flight import MAX_BODY_BYTES
from signal_engine.adapters.http.ingest.signatures import _TOLERANCE_S
from signal_engine.adapters.kafka.topics.creation import _INGEST_RETENTION_MS, _RETENTION_MS
from signal_engine.adapters.outgoing.extra_media.teams_sender import _PAUSE_S
from signal_engine.adapters.outgoing.posting import _TIMEOUT_S, MOST_OF_AN_ANSWER
from signal_engine.core.actions.log import LATEST_KEPT
from signal_engine.core.rules.instants import DAY, HOUR, MINUTE, SECOND
from signal_engine.engine.context.aliases import DELAY_MS
from signal_engine.engine.dead_letters.circuit_breaker import WINDOW_RECORDS
from signal_engine.engine.intake.requests.admission import MAX_AHEAD_MS, MAX_DEPTH
from signal_engine.engine.intake.row_mapper import _HISTORY_AFTER_MS
from signal_engine.engine.ports.history import OUTCOMES_KEPT
from signal_engine.engine.publishing.past_ranks import _KEPT_FOR
from signal_engine.wire.events.one_event import MAX_VALUE_BYTES
from signal_engine.wire.messages.extra_media.plain_text import _MOST_OF_A_CHAT_TEXT
from signal_engine.wire.messages.extra_media.teams import MOST_OF_A_CARD

SAID = [
    ("intake", f"more than {MAX_BODY_BYTES:,} bytes, or {MAX_EVENTS:,} events"),
    ("intake", f"An event may have {MAX_VALUE_BYTES:,} bytes and {MAX_DEPTH} nested levels"),
    ("intake", f"at most {MAX_AHEAD_MS // MINUTE} minutes in the future"),
    ("intake", f"complete within {REQUEST_TIMEOUT_S:g} seconds"),
    ("intake", f"At most {MAX_KEPT_PER_SECOND:g} such deliveries per second"),
    ("intake", f"older than {_HISTORY_AFTER_MS // HOUR} hours"),
    ("intake", f"`tolerance_seconds` ({_TOLERANCE_S})"),
    ("intake", f"`ingest.dlq`, for {_INGEST_RETENTION_MS // DAY} days"),
    ("architecture", f"its last {LATEST_KEPT} actions"),
    ("actions", f"latest {LATEST_KEPT}"),
    ("contract", f"the latest {OUTCOMES_KEPT} outcomes per account"),
    ("architecture", f"the latest {OUTCOMES_KEPT} outcomes per account"),
    ("contract", f"for what arrives {DELAY_MS // SECOND} seconds after its `fit load`"),
    ("contract", f"ranks are kept by the half-hour for {_KEPT_FOR // HOUR} hours"),
    ("dashboard", f"kept by the half-hour for {_KEPT_FOR // HOUR} hours"),
    ("delivery", f"A request ends after {_TIMEOUT_S:g} seconds, and of an answer {MOST_OF_AN_ANSWER // 1024} KB"),
    ("delivery/webhook", f"nothing within {_TIMEOUT_S:g} seconds"),
    ("delivery/teams", f"kept below {MOST_OF_A_CARD // 1024} KB"),
    ("delivery/teams", f"at most {({3: 'three'})[round(1 / _PAUSE_S)]} a second"),
    ("delivery/apprise", f"at most {_MOST_OF_A_CHAT_TEXT} characters"),
    ("../README", f"session timeout of {SESSION_TIMEOUT_S:g} seconds"),
    ("../README", f"{WINDOW_RECORDS:,} records"),
    ("glossary", f"last {WINDOW_RECORDS:,} records"),
]


@pytest.mark.parametrize(("page", "said"), SAID)
def test_a_page_names_the_limit_of_the_code(page: str, said: str) -> None:
    assert said in " ".join(Path("docs", f"{page}.md").read_text("utf-8").split())


def test_dead_letters_are_kept_as_long_as_the_pages_say() -> None:
    assert f"{_RETENTION_MS // DAY} days" in Path("docs/contract.md").read_text("utf-8")
