"""The event log: what cannot be said stops nobody, and what was lost is counted."""

import errno
import io
import json
import subprocess
import sys

import pytest

from signal_engine.adapters.logging.event_log import Form, StderrEventLog
from signal_engine.engine.ports.log_events.processes import ApiStopped, GenerationDropped, ScoringUnreadable


class Full(io.StringIO):
    """A file on a disk that is full for a while."""

    full = False

    def flush(self) -> None:
        if self.full:
            self.seek(0)
            self.truncate()
            raise OSError(errno.ENOSPC, "No space left on device")


def test_lines_that_found_no_room_are_counted_and_told_once_there_is_some() -> None:
    out = Full()
    event_log = StderrEventLog("json", out)
    event_log.write(GenerationDropped(generation=1))
    out.full = True
    event_log.write(GenerationDropped(generation=2))
    event_log.write(ScoringUnreadable(problem="of another version"))
    out.full = False
    event_log.write(GenerationDropped(generation=4))
    event_log.write(ApiStopped())
    said = [json.loads(line) for line in out.getvalue().splitlines()]
    assert [line["event"] for line in said] == ["log_lines_lost", "generation_dropped", "api_stopped"]
    assert said[0]["lines"] == 2
    assert (said[1]["level"], said[1]["generation"]) == ("info", 4)


def test_a_reader_that_has_gone_is_no_error_neither_at_once_nor_at_the_end() -> None:
    code = """
import sys
from signal_engine.adapters.logging.event_log import StderrEventLog
from signal_engine.engine.ports.log_events.processes import LibraryMessage
event_log = StderrEventLog("json")
sys.stdin.readline()
for _ in range(1_000):
    event_log.write(LibraryMessage(logger="nobody hears", message="x" * 1_000))
sys.stderr.write("nor this")
"""
    with subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stderr is not None
        process.stderr.close()
        assert process.stdin is not None
        process.stdin.write(b"\n")
        process.stdin.close()
        assert process.wait(10) == 0, "Python itself ends with 120 when it cannot flush"


def test_a_log_that_was_closed_is_no_error() -> None:
    out = io.StringIO()
    event_log = StderrEventLog("text", out)
    out.close()
    event_log.write(ApiStopped())


def test_a_line_for_people_stays_one_line_whatever_stands_in_it() -> None:
    out = io.StringIO()
    event_log = StderrEventLog("text", out)
    event_log.write(
        ScoringUnreadable(problem="a.yaml:1: x\na.yaml:2: y\r\x1b[2J\x9b2J\u2028\u202e12:00:00 info api stopped")
    )
    told = out.getvalue()
    assert told.endswith("problem=a.yaml:1: x a.yaml:2: y  [2J 2J  12:00:00 info api stopped\n")
    assert len(told.splitlines()) == 1


@pytest.mark.parametrize("form", ["json", "text"])
def test_a_path_that_is_no_utf_8_is_said_as_well_as_it_can_be(form: Form) -> None:
    out = io.BytesIO()
    event_log = StderrEventLog(form, io.TextIOWrapper(out, "utf-8", write_through=True))
    event_log.write(ScoringUnreadable(problem="Gro\udcdfe.yaml: größer"))
    event_log.write(ApiStopped())
    first, second = out.getvalue().decode().splitlines()
    assert "e.yaml: größer" in first
    assert "stopped" in second
    assert "lost" not in second
