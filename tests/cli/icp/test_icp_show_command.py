"""`signal-engine icp show` of a file: terminal, JSON and page."""

from pathlib import Path

from tests.cli.running import ROOT, run

FILE = "config/icp/midmarket-saas.yaml"


def test_terminal_json_and_page_say_the_same(tmp_path: Path):
    told = run("icp", "show", FILE, "--json").json()
    ran = run("icp", "show", FILE, "--page", tmp_path / "page.html")
    assert ran.code == 0
    assert "The page is in" in ran.err
    shown, page = " ".join(ran.out.split()), " ".join((tmp_path / "page.html").read_text("utf-8").split())
    assert len(told["must_have"]) == 3
    assert len(told["calls"]) == 8
    said = [one["reason"] for one in told["disqualify"]] + [one["label"] for one in told["points"]]
    for words in (*said, "employee count is at least 200 and is at most 5,000", "Dana Reyes", "20 Feb 2027"):
        assert words in shown, words
        assert words in page, words
    assert "<script" not in page
    assert "http" not in page.replace("http-equiv", "")


def test_a_page_is_not_overwritten_unasked(tmp_path: Path):
    page = tmp_path / "page.html"
    page.write_text("mine")
    ran = run("icp", "show", FILE, "--page", page)
    assert (ran.code, page.read_text()) == (2, "mine")
    assert "--yes overwrites it" in ran.err
    assert run("icp", "show", FILE, "--page", page, "--yes").code == 0
    assert "midmarket-saas" in page.read_text()
    assert run("icp", "show", FILE, "--page", FILE, "--yes").code == 2, "never over what it reads"


def test_text_of_the_file_is_escaped(tmp_path: Path):
    file = tmp_path / "icp.yaml"
    text = (ROOT / FILE).read_text("utf-8").replace("built its own CRM and keeps it", '"<b>own & old</b>"')
    file.write_text(text)
    assert run("icp", "show", file, "--page", tmp_path / "page.html").code == 0
    page = (tmp_path / "page.html").read_text("utf-8")
    assert "&lt;b&gt;own &amp; old&lt;/b&gt;" in page
    assert "<b>own" not in page


def test_a_passed_review_is_a_warning_on_the_page_too(tmp_path: Path):
    file = tmp_path / "icp.yaml"
    file.write_text((ROOT / FILE).read_text("utf-8").replace("2027-02-20", "2020-02-20"))
    ran = run("icp", "show", file, "--page", tmp_path / "page.html")
    assert ran.code == 0
    assert "its review date 2020-02-20 has passed" in ran.err
    assert "its review date 2020-02-20 has passed" in (tmp_path / "page.html").read_text("utf-8")


def test_wrong_usage_names_what_is_wrong(tmp_path: Path):
    assert "goes with the id of a published ICP" in run("icp", "show", FILE, "--version", "2").err
    missing = run("icp", "show", tmp_path / "no.yaml")
    assert (missing.code, "is no file" in missing.err) == (2, True)
    file = tmp_path / "icp.yaml"
    file.write_text("icp: x\n")
    ran = run("icp", "show", file)
    assert ran.code == 2
    assert f"{file}" in ran.err
