"""Which reader is asked, and what becomes of one that fails."""

import json
from types import ModuleType
from typing import Any

import pytest

from signal_engine.adapters.native import reader as adapter
from signal_engine.adapters.native.reader import _AGREEMENT, CheckedReader, ReadDifferently, load, native_reader
from signal_engine.core.rules.events import Event
from signal_engine.core.rules.kinds import KINDS
from signal_engine.engine.ports.event_log import LogEvent
from signal_engine.entrypoints.wiring.process.native import offer_native_part, say_who_reads
from signal_engine.wire.config.yaml_files import ConfigurationError
from signal_engine.wire.events.decode import decode_lines, decoder, python_decoder
from signal_engine.wire.events.examples import EVENTS
from signal_engine.wire.events.ordinary import OrdinaryReader, ordinary_fields, reading
from tests.wire.events.records import NOW

EXAMPLE = json.dumps({**EVENTS["intent"][0], "kind": "intent"}).encode()
EVENT = python_decoder("intent")(EXAMPLE, NOW, ())
OTHER = python_decoder("intent")(json.dumps({**EVENTS["intent"][0], "topic": "other"}).encode(), NOW, ())
assert isinstance(EVENT, Event)
assert isinstance(OTHER, Event)


class Answering:
    """A reader that always gives the same answer, or raises it."""

    def __init__(self, answer: Event | Exception | None) -> None:
        self.answer = answer
        self.asked = 0

    def record(self, kind: str, value: bytes | None, timestamp: int, /) -> Event | None:
        return self.line(b"")

    def line(self, value: bytes, /) -> Event | None:
        self.asked += 1
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


def offered(answer: Event | Exception | None) -> Answering:
    reader = Answering(answer)
    reading.offer(lambda: reader)
    return reader


def test_what_a_reader_reads_counts() -> None:
    offered(OTHER)
    assert decoder("intent")(EXAMPLE, NOW, ()) == OTHER
    [line] = decode_lines([EXAMPLE])
    assert line == (OTHER.occurred_at, OTHER)


def test_what_a_reader_leaves_is_read_by_python() -> None:
    offered(None)
    assert decoder("intent")(EXAMPLE, NOW, ()) == EVENT
    assert decode_lines([EXAMPLE])[0].verdict == EVENT


def test_records_with_headers_are_read_by_python() -> None:
    reader = offered(OTHER)
    assert decoder("intent")(EXAMPLE, NOW, [("backfill", b"")]) == EVENT._replace(backfill=True)
    assert not reader.asked


@pytest.mark.parametrize("of_lines", [False, True])
def test_a_reader_that_fails_is_not_asked_again_and_nothing_is_lost(*, of_lines: bool) -> None:
    reader, told = offered(RuntimeError("panicked")), list[Exception]()
    reading.failed = told.append
    decode = decoder("intent")
    for _ in range(2):
        if of_lines:
            assert [line.verdict for line in decode_lines([EXAMPLE, EXAMPLE])] == [EVENT, EVENT]
        else:
            assert decode(EXAMPLE, NOW, ()) == decode(EXAMPLE, NOW, ()) == EVENT
    assert reader.asked == 1
    assert told == [reader.answer]
    assert reading.reader is None


def test_a_reader_that_cannot_be_made_is_not_asked() -> None:
    told: list[Exception] = []
    reading.failed = told.append
    reading.offer(lambda: native_reader(ModuleType("empty")))
    assert decoder("intent")(EXAMPLE, NOW, ()) == EVENT
    assert [type(error) for error in told] == [AttributeError]


def test_two_topics_say_once_that_the_reader_failed() -> None:
    offered(RuntimeError("panicked"))
    told: list[Exception] = []
    reading.failed = told.append
    first, second = decoder("intent"), decoder("intent")
    assert first(EXAMPLE, NOW, ()) == second(EXAMPLE, NOW, ()) == EVENT
    assert len(told) == 1


def test_a_checked_reader_names_what_differs_and_no_value() -> None:
    with pytest.raises(ReadDifferently) as record:
        CheckedReader(Answering(OTHER)).record("intent", EXAMPLE, NOW)
    assert str(record.value) == "an event of acme.co.uk of kind intent differs in fields, topic"
    with pytest.raises(ReadDifferently, match="is refused by Python, reason not_json"):
        CheckedReader(Answering(OTHER)).line(b"x")
    assert CheckedReader(Answering(EVENT)).record("intent", EXAMPLE, NOW) == EVENT
    assert CheckedReader(Answering(None)).line(EXAMPLE) is None


def test_true_is_not_the_same_as_one() -> None:
    fields = {**EVENT.fields, "people": True}
    event = json.dumps({**EVENTS["intent"][0], "people": 1}).encode()
    with pytest.raises(ReadDifferently, match="people"):
        CheckedReader(Answering(EVENT._replace(fields=fields))).record("intent", event, NOW)


def test_all_fields_have_a_description_but_one_of_which_more_is_made() -> None:
    left = {(kind, name) for kind in KINDS for name, _, check in ordinary_fields(kind) if check == ("python",)}
    assert left == {("funding", "amount")}


def absent(_: str) -> ModuleType:
    raise ModuleNotFoundError


def of_another_release(name: str) -> ModuleType:
    module: Any = ModuleType(name)
    module.AGREEMENT = 0
    return module


def of_another_machine(_: str) -> ModuleType:
    raise ImportError("wrong ELF class")


def that_calculates_otherwise(name: str) -> ModuleType:
    module: Any = ModuleType(name)
    module.AGREEMENT = _AGREEMENT
    module.arithmetic = lambda _: (0.0, 0.0, 0.0)
    return module


@pytest.mark.parametrize(
    ("importing", "why", "is_said"),
    [
        (absent, "is not installed", False),
        (of_another_release, "is of another release", True),
        (of_another_machine, "cannot be loaded on this machine", True),
        (that_calculates_otherwise, "calculates otherwise than Python", True),
    ],
)
def test_a_native_part_that_cannot_be_used(
    monkeypatch: pytest.MonkeyPatch, importing: Any, why: str, *, is_said: bool
) -> None:
    monkeypatch.setattr(adapter, "import_module", importing)
    offer_native_part()
    said = Said()
    say_who_reads(said)
    refused = [facts["reason"] for name, facts in said.events if name == "native_part_refused"]
    assert [reason.startswith(f"signal_engine_native {why}") for reason in refused] == [True] * is_said
    assert said.events[-2:] == [("events_read_by", {"reader": "python"}), ("events_judged_by", {"judge": "python"})]
    assert decoder("intent")(EXAMPLE, NOW, ()) == EVENT
    monkeypatch.setenv("SIGNAL_ENGINE_NATIVE", "check")
    with pytest.raises(ConfigurationError, match=f"SIGNAL_ENGINE_NATIVE: signal_engine_native {why}"):
        offer_native_part()


@pytest.mark.parametrize(("importing", "why"), [(absent, None), (of_another_release, "is of another release")])
def test_commands_say_it_once_events_are_read(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], importing: Any, why: str | None
) -> None:
    monkeypatch.setattr(adapter, "import_module", importing)
    offer_native_part()
    assert capsys.readouterr().err == ""
    for _ in range(2):
        assert decoder("intent")(EXAMPLE, NOW, ()) == decode_lines([EXAMPLE])[0].verdict == EVENT
    said = capsys.readouterr().err
    begins = f"warning: events are read and judged by Python alone: signal_engine_native {why}"
    assert said.count("warning: ") == said.count(begins) == (why is not None)


def test_a_worker_says_it_in_its_log_alone(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(adapter, "import_module", of_another_release)
    offer_native_part()
    say_who_reads(Said())
    assert decoder("intent")(EXAMPLE, NOW, ()) == EVENT
    assert capsys.readouterr().err == ""


def test_what_is_switched_off_is_not_looked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(adapter, "import_module", of_another_release)
    monkeypatch.setenv("SIGNAL_ENGINE_NATIVE", "off")
    offer_native_part()
    said = Said()
    say_who_reads(said)
    assert [name for name, _ in said.events] == ["events_read_by", "events_judged_by"]


@pytest.mark.parametrize("mode", ["on", "AUTO", "off ", "1", "true", "auto,off", "\u202eoff"])
def test_a_mode_that_there_is_not(monkeypatch: pytest.MonkeyPatch, mode: str) -> None:
    monkeypatch.setenv("SIGNAL_ENGINE_NATIVE", mode)
    with pytest.raises(ConfigurationError) as refused:
        offer_native_part()
    assert str(refused.value).endswith(f"SIGNAL_ENGINE_NATIVE: must be one of auto, off, check, not {mode!r}")


@pytest.mark.parametrize(("mode", "by"), [("off", "python"), ("auto", "native"), ("check", "native and python")])
def test_each_mode(monkeypatch: pytest.MonkeyPatch, native: OrdinaryReader, mode: str, by: str) -> None:
    monkeypatch.setenv("SIGNAL_ENGINE_NATIVE", mode)
    offer_native_part()
    said = Said()
    say_who_reads(said)
    assert said.events == [("events_read_by", {"reader": by}), ("events_judged_by", {"judge": by})]
    assert decoder("intent")(EXAMPLE, NOW, ()) == EVENT


def test_a_panic_is_an_ordinary_error_that_says_where(native: OrdinaryReader) -> None:
    reading.offer(lambda: native_reader(load(), broken=True))
    said = Said()
    say_who_reads(said)
    assert decoder("intent")(EXAMPLE, NOW, ()) == EVENT
    [*_, (name, facts)] = said.events
    assert name == "native_reader_off"
    assert str(facts["reason"]).startswith("the native part panicked in ")


def test_an_error_of_others_is_named_by_its_type_alone() -> None:
    offered(ValueError("acme.com"))
    said = Said()
    say_who_reads(said)
    assert decoder("intent")(EXAMPLE, NOW, ()) == EVENT
    assert said.events[-1] == ("native_reader_off", {"reason": "the native part failed: ValueError"})


class Said:
    """An event log that remembers."""

    def __init__(self) -> None:
        self.events: list[tuple[str, dict[str, Any]]] = []

    def write(self, event: LogEvent) -> None:
        self.events.append((event.name, event.facts))
