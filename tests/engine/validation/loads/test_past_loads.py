"""Records of loads become loads again, and what they made of accounts is known by instant."""

from signal_engine.core.rules.instants import BEGINNING, MINUTE
from signal_engine.engine.ports.loaded_accounts import DatedRecord
from signal_engine.engine.validation.loads.past_loads import account_history, past_loads, table_as_loaded
from tests.build import DAY, T0, icp
from tests.engine.validation.loads.loading import load, row

LARGE = icp(must_have={"employee_count": {"gte": 100}}, tiers={"A": 0}, decisions={"A": "chase"})
FIRST = load(T0, row("a.com", {"employee_count": 500}), row("b.com", {"employee_count": 5}, aliases=("b.io",)))
LATER = load(
    T0 + 9 * DAY,
    row("b.com", {"employee_count": 700}),
    row("c.com", {"employee_count": 300}, aliases=("b.io", "c.io")),
    "a.com",
)


def test_records_of_one_time_are_one_load_and_a_row_told_twice_is_one():
    twice = [one._replace(at=one.at + 5) for one in FIRST]
    rows_late = [DatedRecord(T0 + 10 * MINUTE, "d.com", row_bytes) for _, _, row_bytes in load(T0, row("d.com"))]
    found = past_loads([*LATER, *twice, *FIRST, *rows_late])
    assert [one.at for one in found.loads] == [T0 + 10 * MINUTE, T0 + 9 * DAY]
    assert [sorted(one.rows) for one in found.loads] == [["a.com", "b.com", "d.com"], ["a.com", "b.com", "c.com"]]
    assert found.loads[1].rows["a.com"] is None
    assert found.unreadable == 0


def test_rows_that_cannot_be_read_are_counted_and_change_nothing():
    found = past_loads([*FIRST, DatedRecord(T0 + DAY, "a.com", b"{}"), DatedRecord(T0 + DAY, "e.com", b"oops")])
    assert found.unreadable == 2
    assert len(found.loads) == 1
    assert past_loads([]).loads == []


def test_the_accounts_of_today_are_those_of_the_last_load():
    table = table_as_loaded(past_loads([*FIRST, *LATER]).loads, [LARGE])
    assert {name: fit.primary.decision for name, fit in table.fits.items()} == {"b.com": "chase", "c.com": "chase"}
    assert table.aliases == {"b.io": "c.com", "c.io": "c.com"}
    assert table.fields["b.com"] == {"employee_count": 700}


def test_history_is_first_load_and_changes_and_ends_where_the_past_does():
    loads = past_loads([*FIRST, *LATER]).loads
    history = account_history(loads, [LARGE], T0 + 30 * DAY)
    assert history.began == T0
    assert {name: fit.primary.decision for name, fit in history.first.fits.items()} == {
        "a.com": "chase",
        "b.com": "ignore",
    }
    assert {one.account: one.fit and one.fit.primary.decision for one in history.later} == {
        "a.com": None,
        "b.com": "chase",
        "c.com": "chase",
    }
    assert {one.now for one in history.later} == {T0 + 9 * DAY}
    assert history.fields["b.com"] == {"employee_count": 5}, "of its first row"
    assert account_history(loads, [LARGE], T0 + 9 * DAY - 1).later == []
    assert account_history(loads, [LARGE], T0 - DAY).first == history.first, "the first load is always read"


def test_aliases_mean_an_account_from_their_load_on():
    aliases = account_history(past_loads([*FIRST, *LATER]).loads, [LARGE], T0 + 30 * DAY).aliases
    assert aliases.account("b.io", BEGINNING) == "b.com", "before the first load nobody knows better"
    assert aliases.account("b.io", T0 + 9 * DAY - 1) == "b.com"
    assert aliases.account("b.io", T0 + 9 * DAY) == "c.com"
    assert aliases.account("c.io", T0 + 9 * DAY - 1) == "c.io"
