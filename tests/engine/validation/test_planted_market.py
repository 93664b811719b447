"""In a market whose truth is known the report finds what is there, and claims nothing where nothing is.

The long form, over 100 seeds, is `bench/validation/planted_seeds.py`; docs/validation has its figures.
"""

from signal_engine.engine.validation.report import validation
from signal_engine.simulation.planted.files import write_planted
from signal_engine.simulation.planted.market import PlantedMarket
from tests.engine.validation.planting import SMALL, judged, replayed


def kind(report, name):
    return next(one for one in report["kinds"] if one["kind"] == name)


def claims(report):
    return [
        *(one["kind"] for one in report["kinds"] if one["claimed"]),
        *(one["group"] for groups in report["groups"].values() for one in groups if one["claimed"]),
        *(["headline"] if report["verdict"] == "predicts" else []),
    ]


def test_what_was_planted_is_found(tmp_path):
    market = PlantedMarket(3, **SMALL)
    past = replayed(write_planted(market.told(), tmp_path))
    report = validation(past, "mondays", 20, 1)
    assert report == validation(past, "mondays", 20, 1), "the same seed gives the same report"
    assert report["verdict"] == "predicts"
    assert not [caveat for caveat in report["caveats"] if caveat["code"] == "leakage"]
    assert report["kinds"][0]["kind"] == "intent"
    assert kind(report, "intent")["claimed"]
    assert not kind(report, "hiring")["claimed"]
    for name, lift in market.lifts.items():
        found = kind(report, name)
        assert found["lift"]["low"] <= lift <= found["lift"]["high"]
        assert found["at_controls"]["low"] <= market.prevalence <= found["at_controls"]["high"]
    assert report["study"]["deals"] == report["study"]["won"] + report["study"]["lost"] + report["study"]["open"] == 80


def test_nothing_is_claimed_of_shuffled_outcomes(tmp_path):
    report = judged(PlantedMarket(2, shuffled=True, **SMALL).told(), tmp_path)
    assert report["verdict"] != "predicts"
    assert claims(report) == []


def test_a_leak_is_found_and_named(tmp_path):
    report = judged(PlantedMarket(5, leak=True, **SMALL).told(), tmp_path)
    leaks = [caveat["text"] for caveat in report["caveats"] if caveat["code"] == "leakage"]
    assert len(leaks) == 1
    assert "technology" in leaks[0]
    assert not kind(report, "technographic")["claimed"]
    assert kind(report, "technographic")["trace"]
    assert report["kinds"][-1]["kind"] == "technographic"
    assert "live technology signals are left out" in report["summary"]


def test_a_score_that_lives_of_a_leak_predicts_nothing(tmp_path):
    market = PlantedMarket(5, leak=True, lifts={"intent": 1.0, "hiring": 1.0, "engagement": 1.0}, **SMALL)
    report = validation(replayed(write_planted(market.told(), tmp_path)), "alerts", 20, 1)
    assert report["calls"]["lift"]["low"] > 2, "alerts of traces look good"
    assert report["verdict"] != "predicts"
    assert claims(report) == []


def test_twelve_wins_cannot_tell_and_the_number_that_is_said_would(tmp_path):
    few = {**SMALL, "wins": 12, "losses": 4}
    report = judged(PlantedMarket(6, **few).told(), tmp_path)
    assert report["verdict"] == "cannot_tell_yet"
    assert claims(report) == []
    assert not report["ranked"]
    assert [one["kind"] for one in report["kinds"]] == sorted(one["kind"] for one in report["kinds"])
    assert f"about {report['more_wins']:,} more would tell" in report["summary"]
    assert report["study"]["cases"] + report["more_wins"] >= 50
    enough = {**SMALL, "wins": 12 + report["more_wins"]}
    assert kind(judged(PlantedMarket(6, **enough).told(), tmp_path), "intent")["claimed"]


def test_no_rate_of_fewer_than_ten(tmp_path):
    report = judged(PlantedMarket(7, **{**SMALL, "wins": 6, "losses": 2}).told(), tmp_path)
    assert report["recall"]["won_hot"] == {
        "hits": report["recall"]["won_hot"]["hits"], "trials": 6, "rate": None, "low": None, "high": None,
    }  # fmt: skip
    assert all(one["lift"] is None for one in report["kinds"])
