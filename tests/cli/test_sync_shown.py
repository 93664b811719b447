"""What `sync run` says to people: words, instants as dates, and who has no record or several."""

import pytest

from signal_engine.entrypoints.commands.sync.showing import counted, show_run
from signal_engine.entrypoints.commands.sync.status import show_sinks, status_of
from signal_engine.wire.output.operations.sync import SyncRunDocument
from signal_engine.wire.sync.ledger_rows import SinkState


@pytest.mark.parametrize(
    ("counts", "said"),
    [
        ({"matched": 1, "update": 1, "unmatched": 2_000}, "1 matched, 1 record to update, 2,000 unmatched"),
        ({"file": 5, "create": 2, "clear": 1}, "5 files, 2 records to create, 1 record to empty"),
        ({"for_nobody": 1, "failed": 0}, "1 for nobody"),
    ],
)
def test_counts_are_words(counts: dict[str, int], said: str) -> None:
    assert counted(counts) == said


def document(**more: object) -> SyncRunDocument:
    made: SyncRunDocument = {
        "sink": "crm", "kind": "hubspot", "dry_run": True, "counts": {}, "ambiguous": [], "unmatched": [],
        "writes": [], "notes": [], "problem": None,
    }  # fmt: skip
    return made | more  # type: ignore[return-value, operator]


def test_a_run_names_who_has_no_record_and_writes_instants_as_dates(capsys: pytest.CaptureFixture[str]) -> None:
    fields = {"score": 17, "hot_until": None, "last_signal": 1_796_059_278_000}
    counts = {"matched": 1, "ambiguous": 1, "unmatched": 12}
    writes = [{"account_id": "a.com", "what": "update", "fields": fields}]
    some = [f"n{number}.com" for number in range(10)]
    show_run(document(counts=counts, ambiguous=["b.com"], unmatched=some, writes=writes))
    said = capsys.readouterr().out.splitlines()
    assert said[0] == "crm (hubspot, dry run): 1 matched, 1 ambiguous, 12 unmatched"
    assert said[1].startswith("  ambiguous: b.com (each has several records, or another account's: merge them")
    assert said[2].startswith("  unmatched: n0.com, ")
    assert "n9.com and 2 more (no record was found" in said[2]
    assert said[3] == "  update a.com: score=17, hot_until=(empty), last_signal=2026-11-30T17:21:18Z"


def test_a_run_that_could_not_begin_does_not_say_that_there_is_nothing_to_do(
    capsys: pytest.CaptureFixture[str],
) -> None:
    show_run(document(problem="companies have no unique property se_account_id"))
    said = capsys.readouterr()
    assert said.out == "crm (hubspot, dry run): stopped\n"
    assert said.err == "error: crm: companies have no unique property se_account_id\n"


def test_names_that_a_list_brings_in_are_escaped(capsys: pytest.CaptureFixture[str]) -> None:
    writes = [{"account_id": "a.com", "what": "update", "fields": {"why_now": "\x1b[31mred\u202e"}}]
    counts = {"unmatched": 1, "update": 1}
    show_run(document(counts=counts, unmatched=["\x1b]0;x\x07.com"], writes=writes, notes=["\x1b[2J"]))
    said = capsys.readouterr()
    assert "unmatched: " in said.out
    assert not {"\x1b", "\x07", "\u202e"} & {*said.out, *said.err}


@pytest.mark.parametrize(
    ("state", "said"),
    [
        (SinkState(ran_at=0), "crm (hubspot): ran at 1970-01-01T00:00:00Z\n"),
        (
            SinkState(trouble="the CRM answered 429", trouble_at=0, rests_until=3_600_000),
            (
                "crm (hubspot): has not run to its end yet\n"
                "  stopped at 1970-01-01T00:00:00Z: the CRM answered 429 (left alone until 1970-01-01T01:00:00Z)\n"
            ),
        ),
        (
            SinkState(trouble="the receiver answered 410", trouble_at=0, disabled=True),
            (
                "crm (hubspot): has not run to its end yet\n"
                "  stopped at 1970-01-01T00:00:00Z: disabled: the receiver answered 410;"
                " when that is mended, `signal-engine sync run` enables it\n"
            ),
        ),
    ],
)
def test_a_status_says_what_stops_a_sink_and_until_when(
    capsys: pytest.CaptureFixture[str], state: SinkState, said: str
) -> None:
    show_sinks([status_of("crm", "hubspot", state)])
    assert capsys.readouterr().out == said
