"""Code and tests cite the definition, the contract and the architecture by section: each section can be read."""

import re
from pathlib import Path
from typing import NamedTuple

import pytest

PAGES = ("scoring", "contract", "architecture")
FOLDERS = ("signal_engine", "tests", "bench", "faults", "tools", "config")
_PAGE = re.compile(r"\b(?:docs/)?(scoring|contract|architecture)\.md\b")
_SECTIONS = re.compile(r"[\s,(]*sections?\s+([0-9]+(?:\s*(?:,|and|to)\s*[0-9]+)*)")
_BY_NAME = re.compile(r',?\s+"([A-Z][^"]*)"')
_BARE = re.compile(r"[,;]\s+([0-9](?:\s+and\s+[0-9])?)\)")


class Cited(NamedTuple):
    """One citation."""

    place: str
    page: str
    section: str
    """A number, or a heading in its own words."""


def numbers(words: str) -> list[str]:
    """`1, 4 and 5` is three; `1 to 4` is four."""
    found: list[str] = []
    for one in re.split(r"\s*(?:,|and)\s*", words):
        first, _, last = one.partition(" to ")
        found += map(str, range(int(first), int(last or first) + 1))
    return found


def citations(text: str, place: str) -> list[Cited]:
    """What a text cites by page and section; comments may break a line in between."""
    joined = re.sub(r"\n\s*#?\s*", " ", text)
    found: list[Cited] = []
    for page in _PAGE.finditer(joined):
        rest = joined[page.end() : page.end() + 120]
        if numbered := _SECTIONS.match(rest) or _BARE.match(rest):
            found += [Cited(place, page[1], number) for number in numbers(numbered[1])]
        elif named := _BY_NAME.match(rest):
            found.append(Cited(place, page[1], named[1]))
    return found


def sources() -> list[Path]:
    kinds = ("*.py", "*.yaml", "*.toml")
    return sorted(path for folder in FOLDERS for kind in kinds for path in Path(folder).rglob(kind))


def headings(page: str) -> set[str]:
    """Numbers and titles of the sections of a page."""
    found = re.findall(r"^#{2,3} (?:([0-9]+)\. )?(.+)$", Path(f"docs/{page}.md").read_text("utf-8"), re.MULTILINE)
    return {one for number, title in found for one in (number, title) if one}


CITED = sorted({one for path in sources() for one in citations(path.read_text("utf-8"), str(path))})


@pytest.mark.parametrize("page", PAGES)
def test_sections_are_numbered_from_one_without_a_gap(page):
    numbered = re.findall(r"^## ([0-9]+)\. ", Path(f"docs/{page}.md").read_text("utf-8"), re.MULTILINE)
    assert numbered == [str(number) for number in range(1, len(numbered) + 1)]


@pytest.mark.parametrize("cited", CITED, ids=lambda cited: f"{cited.place}-{cited.page}-{cited.section}")
def test_a_section_that_is_cited_is_there(cited):
    assert cited.section in headings(cited.page)


def test_there_are_citations_of_the_definition_and_of_the_contract():
    assert {one.page for one in CITED} >= {"scoring", "contract"}
    assert len(CITED) > 70


@pytest.mark.parametrize(
    ("text", "cited"),
    [
        ("(scoring.md, section 5)", ["5"]),
        ("scoring.md section 7 words it", ["7"]),
        ("(scoring.md, sections 5 and 7)", ["5", "7"]),
        ("(scoring.md, sections 1 to 3)", ["1", "2", "3"]),
        ("(scoring.md, sections 1, 4 and\n    5)", ["1", "4", "5"]),
        ("(scoring.md, 4 and 5)", ["4", "5"]),
        ('(contract.md, "Settings")', ["Settings"]),
        ("as contract.md says", []),
    ],
)
def test_a_citation_is_read(text, cited):
    assert [one.section for one in citations(text, "here")] == cited
