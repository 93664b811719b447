"""Dead letters and redrive outcomes as JSON; the terminal tables are made from the same documents."""

from base64 import b64encode
from collections import Counter
from collections.abc import Sequence

import orjson

from signal_engine.engine.dead_letters.paused_topics import PausedTopic
from signal_engine.engine.dead_letters.query import DeadLetterQuery
from signal_engine.engine.dead_letters.reader import DeadLetter
from signal_engine.engine.dead_letters.redrive import Judged
from signal_engine.engine.ports.fetched import Unreadable
from signal_engine.wire.instants import format_instant
from signal_engine.wire.output.operations import dead_letters as documents

UnreadablePlace = tuple[int, Unreadable]
"""Partition of the dead-letter topic, and the unreadable batch in it."""


def list_document(
    box: DeadLetterQuery,
    replayed: set[str],
    paused: Sequence[PausedTopic],
    unreadable: Sequence[UnreadablePlace],
    *,
    asked_for: bool,
) -> documents.DeadLetterList:
    """The newest dead letters without content, counts and pauses; `asked_for`: whether a filter was given.

    `unreadable` are the batches of the dead-letter topic itself that were skipped.
    """
    return {
        "letters": [_head(dead_letter, replayed=dead_letter.name in replayed) for dead_letter in box.newest],
        "counts": {"total": box.total, "by_reason": dict(box.by_reason), "by_topic": dict(box.by_topic)},
        "asked_for": asked_for,
        "paused": [pause_document(pause) for pause in paused],
        "unreadable": [
            {"partition": partition, "offset": what.offset, "end": what.end, "why": what.why}
            for partition, what in unreadable
        ],
    }


def dead_letter_document(dead_letter: DeadLetter, *, replayed: bool, pretty: bool) -> documents.DeadLetterDocument:
    """One dead letter with key, headers and value."""
    return {
        **_head(dead_letter, replayed=replayed),
        "key": _content(dead_letter.key),
        "headers": [(name, _content(value)) for name, value in dead_letter.headers],
        "value": _content(_pretty(dead_letter.value) if pretty else dead_letter.value),
    }


def redrive_document(judged: Sequence[Judged], sent: set[str], *, dry_run: bool) -> documents.RedriveDocument:
    """The outcome of each dead letter, with counts."""
    return {
        "dry_run": dry_run,
        "letters": [
            {
                "place": one.dead_letter.name,
                "reason": one.dead_letter.reason,
                "outcome": one.outcome,
                "why": f"{one.refusal.reason}: {one.refusal.detail}" if one.refusal else "",
                "sent": one.dead_letter.name in sent,
            }
            for one in judged
        ],
        "counts": dict(Counter(str(one.outcome) for one in judged)),
        "sent": len(sent),
    }


def pause_document(paused: PausedTopic) -> documents.PauseDocument:
    """One paused topic-partition, and how to resume it."""
    topic, partition, why = paused
    return {
        "topic": topic,
        "partition": partition,
        "at": format_instant(why.at),
        "refused": why.refused,
        "of": why.of,
        "reasons": dict(why.reasons),
        "offset": why.offset,
        "unreadable": why.unreadable,
        "end": why.end,
        "then": why.way_on(topic, partition),
    }


def _head(dead_letter: DeadLetter, *, replayed: bool) -> documents.DeadLetterSummary:
    return {
        "place": dead_letter.name,
        "reason": dead_letter.reason,
        "detail": dead_letter.detail,
        "at": format_instant(dead_letter.at),
        "truncated": dead_letter.left_out,
        "replayed": replayed,
        "size": dead_letter.size,
        "sha256": dead_letter.sha256,
        "dead_letter": {"partition": dead_letter.partition, "offset": dead_letter.offset},
    }


def _content(content: bytes | None) -> documents.Content:
    """`{"text": ...}` if the content is UTF-8, else `{"base64": ...}`."""
    if content is None:
        return None
    try:
        return {"text": content.decode()}
    except UnicodeDecodeError:
        return {"base64": b64encode(content).decode()}


def _pretty(value: bytes | None) -> bytes | None:
    """JSON, indented; anything else unchanged."""
    try:
        return value and orjson.dumps(orjson.loads(value), option=orjson.OPT_INDENT_2)
    except ValueError:
        return value
