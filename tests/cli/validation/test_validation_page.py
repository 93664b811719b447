"""The page of `validate`: what the terminal says it says, too, in words that need no manual."""

import re

import pytest

from signal_engine.adapters.pages.plots import IntervalPoint, LiftBar, lifts_plot, points_plot
from signal_engine.adapters.pages.validation import page
from signal_engine.simulation.planted.files import write_planted
from signal_engine.simulation.planted.market import PlantedMarket
from tests.cli.running import run


def test_kinds_and_alert_types_stand_on_the_page_with_numbers_and_words(tmp_path):
    files = write_planted(PlantedMarket(4, accounts=60, weeks=20, wins=20, losses=4).told(), tmp_path)
    report = run("validate", *files.arguments, "--capacity", "8", "--json").json()
    html = page(report)
    (table,) = re.findall(r"<h2>Signals before wins, in numbers</h2>.*?</table>", html, re.DOTALL)
    assert table.count("<tr>") == 1 + len(report["kinds"])
    more = [one["wins_needed"] - report["study"]["cases"] for one in report["kinds"] if one["wins_needed"] is not None]
    assert [one for one in more if one > 0], "some kind needs more wins"
    assert all(f"about {one:,} more wins would tell" in table for one in more if one > 0)
    assert "entered hot" in html
    assert "entered_hot" not in html
    calls = html.count('data-of="Any that fits"')
    assert calls == len(report["precision"]), "on a phone, where columns are lines, each number says what it is"


def test_the_last_label_of_an_axis_is_not_cut_and_halves_are_not_rounded():
    points = [IntervalPoint(place, 0.1, 0.05, 0.22, "") for place in range(5)]
    ticks = [(float(place), f"{20 * place}-{20 * place + 20}") for place in range(5)]
    plot = points_plot("New deals by score", points, ticks, [], "score")
    assert re.search(r'x="440.0" [^>]* text-anchor="end">80-100<', plot)
    assert ">12.5%<" in plot


@pytest.mark.parametrize(
    ("high", "labels"),
    [(0.0008, ["0.00%", "0.05%", "0.10%"]), (0.018, ["0%", "1%", "2%"]), (0.9, ["0%", "50%", "100%"])],
)
def test_rates_far_below_a_percent_have_an_axis_that_tells_them_apart(high, labels):
    points = [IntervalPoint(place, high / 2, high / 4, high, "") for place in range(2)]
    plot = points_plot("New deals by score", points, [(0.0, "0-10"), (1.0, "10-20")], [], "score")
    assert re.findall(r">([0-9.]+%)<", plot) == labels


@pytest.mark.parametrize(("high", "labels"), [(6, ["0.5x", "1x", "2x", "4x"]), (600, ["1x", "10x", "100x"])])
def test_a_lift_that_may_be_huge_has_marks_along_the_whole_scale(high, labels):
    plot = lifts_plot("Lifts", [LiftBar("intent", 5, 1.4, high, True)])
    assert re.findall(r">([0-9.]+x)<", plot) == labels
