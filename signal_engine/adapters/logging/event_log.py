"""The event log on stderr: one line per event, JSON for machines, readable on a terminal."""

import logging
import os
import sys
import time
from contextlib import suppress
from datetime import UTC, datetime
from typing import Final, Literal, TextIO

import orjson

from signal_engine.engine.ports.event_log import LogEvent
from signal_engine.engine.ports.log_events.processes import LibraryFailure, LibraryMessage, LogLinesLost

Form = Literal["json", "text"]

_LIBRARIES: Final = ("faust", "mode", "aiokafka", "asyncio", "redis", "uvicorn.error", "py.warnings")
"""Loggers of others, taken into the event log from WARNING upwards."""
_ORDINARY: Final = (
    "Group Coordinator Request failed: [Error 15]",  # a group that nobody has asked for before
    "because it is rebalancing",
    "will rejoin",
)
"""In what aiokafka warns of whenever a worker comes or goes: the engine says itself what became of its partitions."""
_REPEAT_AFTER_S: Final = 60.0
"""Seconds for which the same message of a library is only counted."""


class StderrEventLog:
    """`engine.ports.event_log.EventLog`. Writing never fails: the engine continues if the log cannot be written.

    A full disk is waited for: how many lines were lost is said once there is room. A pipe whose reader has gone stays
    as it is, and lines go nowhere from then on.
    """

    def __init__(self, form: Form, out: TextIO | None = None) -> None:
        self._form = _as_json if form == "json" else _as_text
        self._out = out or sys.stderr
        self._lost = 0

    def write(self, event: LogEvent) -> None:
        """See `EventLog`."""
        if self._lost and self._put(self.line(LogLinesLost(lines=self._lost))):
            self._lost = 0
        if not self._put(self.line(event)):
            self._lost += 1

    def line(self, event: LogEvent) -> str:
        """A line as it would be written now, without its end."""
        at = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        return self._form(at, event)

    def _put(self, line: str) -> bool:
        try:
            self._out.write(line + "\n")
            self._out.flush()
        except BrokenPipeError:
            self._let_go()
            return False
        except (OSError, ValueError):  # no room, no terminal any more; closed
            return False
        return True

    def _let_go(self) -> None:
        """Writes to nowhere from now on: what is left in Python's buffer would fail again, also at the very end."""
        with suppress(OSError, ValueError):  # not a file of the system's: a test's
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, self._out.fileno())
            os.close(nowhere)


class _Libraries(logging.Handler):
    """What libraries log, in the same form. The same message again within a minute is counted, not said."""

    def __init__(self, event_log: StderrEventLog) -> None:
        super().__init__(logging.WARNING)
        self._event_log = event_log
        self._said: dict[tuple[str, str], tuple[float, int]] = {}

    def emit(self, record: logging.LogRecord) -> None:
        """Says one record. A traceback is not said: its last line is."""
        if record.name.startswith("aiokafka") and any(words in record.getMessage() for words in _ORDINARY):
            return
        key = (record.name, str(record.msg))
        since, left_out = self._said.get(key, (-_REPEAT_AFTER_S, 0))
        now = time.monotonic()
        if now - since < _REPEAT_AFTER_S:
            self._said[key] = (since, left_out + 1)
            return
        self._said[key] = (now, 0)
        failed = record.exc_info[1] if record.exc_info else None
        kind = LibraryFailure if record.levelno >= logging.ERROR else LibraryMessage
        self._event_log.write(
            kind(
                logger=record.name,
                message=" ".join(record.getMessage().split())[:500],
                error_type=None if failed is None else type(failed).__name__,
                repetitions=left_out or None,
            )
        )


def listen_to_libraries(event_log: StderrEventLog) -> None:
    """Takes the loggers of libraries into the event log."""
    logging.captureWarnings(capture=True)
    handler = _Libraries(event_log)
    for name in _LIBRARIES:
        logger = logging.getLogger(name)
        logger.handlers = [handler]
        logger.setLevel(logging.WARNING)
        logger.propagate = False


def _as_json(at: str, event: LogEvent) -> str:
    facts = {name: _encodable(value) for name, value in event.facts.items() if value is not None}
    return orjson.dumps({"at": at, "level": event.level, "event": event.name, **facts}).decode()


def _as_text(at: str, event: LogEvent) -> str:
    facts = "  ".join(f"{name}={_on_the_line(value)}" for name, value in event.facts.items() if value is not None)
    return f"{at[11:19]} {event.level:<7} {event.name.replace('_', ' ')}{'  ' if facts else ''}{facts}"


def _on_the_line(value: object) -> str:
    """A value as text that neither begins a line of its own nor moves the cursor: it may quote what strangers wrote."""
    text = str(value)
    return text if text.isprintable() else "".join(char if char.isprintable() else " " for char in text)


def _encodable(value: object) -> object:
    """A value that JSON can hold: a path that is no UTF-8 has half characters in it."""
    return value.encode("utf-8", "replace").decode() if isinstance(value, str) and not value.isascii() else value
