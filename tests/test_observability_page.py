"""docs/observability.md is what the code says, and each line of the log has a meaning there."""

from tools.observability import TARGET, UNTOLD, metrics, page, said

PAGE = TARGET.read_text("utf-8")


def test_the_page_is_as_the_code_says():
    assert page(PAGE) == PAGE, "python tools/observability.py writes it anew"


def test_every_event_of_the_log_has_a_meaning():
    assert UNTOLD not in PAGE


def test_an_event_that_is_new_is_marked_and_one_that_is_gone_goes():
    row = next(line for line in PAGE.splitlines() if "`store_trouble`" in line)
    stale = PAGE.replace(row, row.replace("store_trouble", "no_such_event"))
    assert page(stale) == PAGE.replace(row, row.rpartition(" | ")[0] + f" | {UNTOLD} |")


def test_the_calls_are_found_in_each_of_their_forms():
    """A plain call, one by a constant, one of two words, one that only makes a line, one by the log of the settings."""
    found = {(line.level, line.event) for line in said()}
    assert {
        ("warning", "store_trouble"),
        ("warning", "origins_disbelieved"),
        ("info", "lists_wait"),
        ("error", "ended_in_disorder"),
        ("warning", "restarting"),
    } <= found
    assert len(found) > 45


def test_metrics_are_named_as_prometheus_sees_them():
    named = {name: labels for name, labels, _ in metrics()}
    assert named["signal_engine_events_total"] == ["outcome"]
    assert all(name.startswith("signal_engine_") for name in named)
