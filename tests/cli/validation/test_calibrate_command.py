"""`signal-engine calibrate`."""

from pathlib import Path

import pytest

from signal_engine.entrypoints.cli import main
from signal_engine.entrypoints.wiring.inputs import read_scoring
from signal_engine.simulation.planted.files import PlantedFiles, write_planted
from signal_engine.simulation.planted.market import ICP, PlantedMarket
from signal_engine.simulation.planted.scores import FILE, IN_FORCE, PlantedScores
from signal_engine.wire.output.reports.calibration_documents import Calibration
from signal_engine.wire.output.reports.fit_documents import Fitted
from signal_engine.wire.output.words import points
from tests.cli.running import run

UNTIL = ("--until", "2025-05-01T00:00:00Z")


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> PlantedFiles:
    market = PlantedMarket(21, accounts=80, weeks=18, wins=14, losses=6)
    return write_planted(market.told(), tmp_path_factory.mktemp("planted"))


def test_what_it_finds_is_what_a_replay_under_it_gives(files: PlantedFiles, tmp_path: Path):
    ran = run("calibrate", *files.arguments, *UNTIL, "--capacity", "3", "--json")
    assert ran.code == 0, ran.err
    report = ran.json()
    assert report.keys() == Calibration.__annotations__.keys()
    assert report["verdict"] == "found"
    assert 0 < report["found"]["a_week"] <= 3 < report["in_force"]["a_week"]
    found = report["found"]
    scoring = tmp_path / "scoring.yaml"
    text = files.scoring.read_text()
    scoring.write_text(text.replace("enter: 17, exit: 9", f"enter: {found['enter']}, exit: {found['exit']}"))
    arguments = [str(scoring) if one == str(files.scoring) else one for one in files.arguments]
    again = run("calibrate", *arguments, *UNTIL, "--capacity", "3", "--json").json()
    assert again["in_force"]["alerts"] == found["alerts"]
    assert again["in_force"]["by_type"] == found["by_type"]


def test_the_table_says_the_same(files: PlantedFiles):
    report = run("calibrate", *files.arguments, *UNTIL, "--capacity", "3", "--json").json()
    said = " ".join(run("calibrate", *files.arguments, *UNTIL, "--capacity", "3").out.split())
    assert report["summary"] in said
    assert f"enter: {report['found']['enter']:g}, exit: {report['found']['exit']:g}" in said
    for named in report["missed"][:10]:
        assert named["account_id"] in said


def test_without_outcomes_it_counts_alerts_alone(files: PlantedFiles):
    arguments = [*files.arguments]
    place = arguments.index("--outcomes")
    report = run("calibrate", *arguments[:place], *arguments[place + 2 :], *UNTIL, "--capacity", "3", "--json").json()
    assert report["found"]["alerts"] > 0
    assert report["missed"] == []
    assert report["found"]["caught"]["trials"] == 0


def test_too_short_a_past_says_so(files: PlantedFiles):
    ran = run("calibrate", *files.arguments, "--until", "2025-01-12T00:00:00Z", "--capacity", "3")
    assert ran.code == 1
    assert "weeks; 4 are needed" in ran.err


def test_without_the_extra_it_says_which(files: PlantedFiles, monkeypatch: pytest.MonkeyPatch, capsys):
    monkeypatch.setattr("signal_engine.entrypoints.commands.extras.find_spec", lambda _: None)
    with pytest.raises(SystemExit) as ended:
        main(["calibrate", *files.arguments, *UNTIL, "--capacity", "3"], standalone_mode=False)
    assert ended.value.code == 2
    assert "pip install '.[validation]'" in capsys.readouterr().err


@pytest.fixture(scope="module")
def scored(tmp_path_factory: pytest.TempPathFactory) -> PlantedFiles:
    icp = ICP.replace("cycle_days: 7", "cycle_days: 21")
    return write_planted(PlantedScores(1).told(), tmp_path_factory.mktemp("scored"), FILE % IN_FORCE, icp)


def test_a_fit_says_the_same_in_both_forms_and_its_draft_is_a_scoring_file(scored: PlantedFiles, tmp_path: Path):
    draft = tmp_path / "draft.yaml"
    ran = run("calibrate", "--fit", *scored.arguments, "--draft", draft)
    assert ran.code == 0, ran.err
    report = run("calibrate", "--fit", *scored.arguments, "--json").json()
    assert report.keys() == Fitted.__annotations__.keys()
    said = " ".join(ran.out.split())
    assert report["summary"] in said
    assert report["fitted_to"] + report["out_of_sample"]["sets"] + report["unmatched"] == 160
    for one in [*report["numbers"], *report["silent"]]:
        assert one["field"] in said
    assert f"the difference: {points(**report['out_of_sample']['difference'])}" in said, "of two shares, no percent"
    assert draft.exists() is (report["draft"] is not None)
    if report["draft"] is not None:
        assert draft.read_text() == report["draft"]
        assert read_scoring(str(draft)).policy.version == 4


def test_a_leak_is_left_out_of_a_fit(tmp_path: Path):
    market = PlantedMarket(6, leak=True, accounts=220, weeks=30, wins=70, losses=10)
    report = run("calibrate", "--fit", *write_planted(market.told(), tmp_path).arguments, "--json").json()
    assert "Signals of technology are left out" in report["summary"]
    assert not [one for one in report["numbers"] if "technographic" in one["field"]]


def test_few_wins_are_not_fitted(files: PlantedFiles):
    ran = run("calibrate", "--fit", *files.arguments)
    assert ran.code == 1
    assert "under 50 nothing is fitted" in ran.err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((), "give either --capacity or --fit"),
        (("--capacity", "3", "--fit"), "give either --capacity or --fit"),
        (("--capacity", "3", "--draft", "draft.yaml"), "--draft goes with --fit"),
        (("--fit", "--per-person"), "--per-person goes with --capacity"),
    ],
)
def test_what_does_not_go_together_is_refused(files: PlantedFiles, arguments: tuple[str, ...], said: str):
    ran = run("calibrate", *arguments, *files.arguments)
    assert ran.code == 2
    assert said in ran.err
