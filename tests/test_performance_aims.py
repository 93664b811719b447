"""What the page of performance says of a run: its aims, who judged, and what the load beyond ASCII is."""

import json
from typing import Any

import pytest

from bench.live.loads import LOADS, events
from bench.ours.ways import judged
from bench.performance_page import filled
from bench.report.aims import aims, rows_of, summary_of
from bench.report.tables import tables
from signal_engine.adapters.kafka.connecting.partitioning import partitioner

NOW = 1_800_000_000_000
PAGE = "<!-- table: aims -->\nold\n<!-- end -->\n"


def run(speed: float, cpu: float = 10.0) -> dict[str, Any]:
    figures = {"speed": speed, "cpu_per_million": 1.0, "peak_mib": 100.0, "whole": True, "events": 1000}
    return {"runs": [figures | {"server_cpu_per_million": cpu}], "failed": ""}


def loaded(**contenders: dict[str, Any]) -> dict[str, Any]:
    named = {name.replace("_", "-"): one for name, one in contenders.items()}
    return {"says": "5,000 accounts", "events": 1000, "contenders": named}


def waits(p99: float) -> dict[str, float]:
    return {"p50_ms": 1.0, "p99_ms": p99}


RESULTS: dict[str, Any] = {
    "speed": {
        "hot": loaded(ours=run(70_000, 2), ours_before=run(10_000, 8), bytewax_1s=run(10_000, 0)),
        "wide": loaded(ours=run(50_000, 5), ours_before=run(10_000, 8), bytewax_1s=run(10_000, 0)),
    },
    "latency": {
        "of": "ours-before", "capacity": 10_000.0,
        "at": {"0.5": {"pace": 5_000.0, "state": waits(120.0), "bare": waits(2.0)}},
    },
    "rebuild": {
        "ours": {"events": 10, "seconds": 1.0, "speed": 60.0},
        "ours-before": {"events": 10, "seconds": 6.0, "speed": 10.0},
    },
}  # fmt: skip


def test_an_aim_is_reached_where_every_load_of_it_is() -> None:
    assert rows_of(RESULTS)[0] == (
        "events/s, of Bytewax with recovery every second", "at least 6", "hot 7, wide 5", "no",
    )  # fmt: skip
    found = {(one.what, one.wanted): one for one in aims(RESULTS)}
    assert found["events/s, of the commit before the native step", 7].reached is False
    assert found["CPU of Redis an event, of before", 1 / 3].found == {"hot": 0.25}
    assert found["CPU of Redis an event, of before", 1 / 3].reached
    assert found["CPU of Redis an event, of before", 0.5].reached is False, "five eighths"
    assert found["`rebuild`, of before", 6].reached


def test_growth_counts_over_the_whole_way_only_and_by_hundredths() -> None:
    def reached(costs: dict[str, float]) -> str:
        rows = {row[0]: row for row in rows_of({"growth": {"native": {"accounts": costs}}})}
        return rows["cost of an event as accounts grow from 1,000 to 1,000,000"][3]

    assert reached({"1000": 10.0, "1000000": 15.04}) == "yes"
    assert reached({"1000": 10.0, "1000000": 15.06}) == "no"
    assert reached({"1000": 10.0, "5000": 11.0}) == "not measured"


def test_what_was_not_measured_says_so_and_what_is_of_another_capacity_counts_not() -> None:
    rows = {row[0]: row for row in rows_of(RESULTS)}
    assert rows["`replay`, of before"][2:] == ("-", "not measured")
    half = "p99 until the state is visible at half of the capacity before, ms"
    assert rows[half][2:] == ("120", "no")
    today = {**RESULTS, "latency": {**RESULTS["latency"], "of": "ours"}}
    assert {row[0]: row for row in rows_of(today)}[half][3] == "not measured"


def test_a_part_that_failed_leaves_the_others_their_aims() -> None:
    failed = {**RESULTS, "rebuild": "failed: the worker ended"}
    assert {row[0]: row[3] for row in rows_of(failed)}["`rebuild`, of before"] == "not measured"
    assert {table.name: table.note for table in tables(failed)}["rebuild"] == "failed: the worker ended"


def test_the_page_takes_the_table_and_keeps_it_where_nothing_was_measured() -> None:
    page = filled(PAGE, json.loads(json.dumps(RESULTS)))
    assert "| `rebuild`, of before | at least 6 | 6 | yes |" in page
    assert "old" not in page
    assert filled(PAGE, {}) == PAGE


READ_NATIVELY = {"event": "events_read_by", "reader": "native"}


def test_the_summary_is_of_whom_was_measured() -> None:
    rows = {row[0]: row[1:] for row in summary_of(RESULTS)}
    assert rows == {
        "ours": ("70,000", "1.0", "1.00", "50,000", "1.0", "1.00"),
        "ours-before": ("10,000", "1.0", "7.00", "10,000", "1.0", "5.00"),
        "bytewax-1s": ("10,000", "1.0", "7.00", "10,000", "1.0", "5.00"),
    }
    assert summary_of({"speed": {"hot": loaded(ours=run(1, 1))}})[0][4:] == ("-", "-", "-")


@pytest.mark.parametrize(
    ("said", "by", "left"),
    [
        ([READ_NATIVELY, {"event": "events_judged_by", "judge": "native"}], "native", ()),
        ([READ_NATIVELY, {"event": "events_judged_by", "judge": "python"}], "native, python", ()),
        ([{"event": "native_judge_off", "reason": "it failed"}], "", ("it failed",)),
        ([{"what": "partitions_taken"}], "", ()),
    ],
)
def test_a_log_says_who_judged_and_whether_that_changed(said: list[dict[str, Any]], by: str, left: tuple[str]) -> None:
    assert judged(said) == (by, left)


def test_half_of_the_texts_of_one_load_are_beyond_ascii_and_nothing_else_of_it_is() -> None:
    load = LOADS["beyond-ascii"]._replace(refused=0.0)
    made = [json.loads(one.value) for one in events(load, 2_000, 4, NOW)]
    texts = [one[name] for one in made for name in ("topic", "title", "role", "technology") if name in one]
    beyond = [text for text in texts if not text.isascii()]
    assert 0.4 < len(beyond) / len(texts) < 0.55
    others = {"event_id", "account_id", "occurred_at", "kind", "activity", "round", "seniority", "source_url"}
    assert all(str(value).isascii() for one in made for name, value in one.items() if name in others)
    assert all(one.value.isascii() for one in events(LOADS["hot"]._replace(refused=0.0), 500, 4, NOW))


def test_every_event_of_an_account_is_in_its_partition() -> None:
    """Else workers send copies to where they belong, and contenders that come later read more than was fed."""
    partition_of = partitioner(4)
    made = list(events(LOADS["refused"], 3_000, 4, NOW))
    assert {one.key for one in made} >= {b"gmail.com"}
    assert all(one.partition == partition_of(one.key.decode()) for one in made)
    assert all((one.key == b"gmail.com") is (b'"account_id":"gmail.com"' in one.value) for one in made)
