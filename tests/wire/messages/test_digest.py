"""A digest in words, as mail, as Slack's blocks and as CSV: foreign text is text, and limits are kept."""

from datetime import UTC

import pytest

from signal_engine.core.delivery.digest import MAX_PLACES
from signal_engine.wire.messages.digest import CSV_FIELDS, DigestFacts, OwnersPart, digest, digest_cells
from signal_engine.wire.messages.digest_media import digest_mail, digest_slack
from testing.receivers.slack_limits import problems
from tests.engine.digests.scene import FACTS, line
from tests.wire.messages.test_hostile_text import MAIL_TAGS, NASTY, UNMARKED, Tags

HOSTILE = "<b>Evil</b> & <!channel> \u202e\x1b[2J\nBcc: x@example.com *bold* <https://evil.example|here>"
DIGEST_TAGS = MAIL_TAGS | {"br", "h2"}
QUIET = FACTS._replace(
    listed=(line("a.com", 1, 1, claimed_by="ann@example.com"),),
    entered=(), left=(), up=(), down=(), owner=OwnersPart((), ()),
)  # fmt: skip


def test_every_part_is_told_and_in_order() -> None:
    told = digest(FACTS, UTC, "https://signals.example.com/")
    assert told.title == "Your list, Mon 2 Mar"
    assert told.summary == "Since Fri 27 Feb: 1 entered, 1 left, 1 up, 1 down; 4 accounts on your list."
    assert [section.title for section in told.sections] == [
        "Entered", "Left", "Up", "Down", "Hot, and nobody has claimed them", "Proposals against your rule",
        "Open opportunities that do not fit", "Your list",
    ]  # fmt: skip
    up = told.sections[2].items[0]
    assert (up.title, up.beside, up.url) == (
        "Quillmarsh (quillmarsh.com)", "#3 \N{RIGHTWARDS ARROW} #1, hot 78, tier A",
        "https://signals.example.com/accounts/quillmarsh.com",
    )  # fmt: skip
    assert told.sections[1].items[0].why == "It went quiet."
    assert [item.title for item in told.sections[4].items] == [
        "Quillmarsh (quillmarsh.com)",
        "Brindlefax (brindlefax.com)",
    ]


def test_with_nothing_to_say_it_is_one_line() -> None:
    told = digest(QUIET, UTC)
    assert told.summary == "Nothing has changed since Fri 27 Feb: 1 account on your list."
    assert (told.sections, told.url) == ((), None)
    assert digest_mail(told).text.splitlines() == ["Your list, Mon 2 Mar", "", told.summary]
    assert digest(QUIET._replace(since=None, listed=()), UTC).summary == "Nobody is listed."


def test_how_many_are_below_the_line_is_said() -> None:
    assert digest(QUIET._replace(below=3), UTC).summary.endswith("1 account on your list, 3 below your line.")
    assert digest(FACTS._replace(below=3), UTC).summary.endswith("4 accounts on your list, 3 below your line.")


def test_the_first_one_shows_the_list() -> None:
    told = digest(QUIET._replace(since=None), UTC)
    assert told.summary.startswith("1 account on your list; from now on")
    assert [section.title for section in told.sections] == ["Your list"]


@pytest.mark.parametrize("text", [HOSTILE, *NASTY])
def test_foreign_text_is_text_in_every_medium(text: str) -> None:
    hostile = line("acme.com", 1, name=text, why=text, claimed_by=text, tier=text)
    listed = (hostile,)
    facts = DigestFacts(
        "Ann",
        FACTS.at,
        FACTS.since,
        listed,
        listed,
        listed,
        listed,
        listed,
        OwnersPart((f"Of {text}",), (f"Of {text}",)),
    )
    told = digest(facts, UTC, "https://signals.example.com")
    mail, slack = digest_mail(told), digest_slack(told)
    page = Tags()
    page.feed(mail.html)
    assert {tag for tag, _ in page.tags} <= DIGEST_TAGS
    for tag, attributes in page.tags:
        assert not {name for name in attributes if name.startswith("on") or name == "src"}
        assert tag != "a" or str(attributes["href"]).startswith("https://signals.example.com/")
    shown_lines = [mail.subject, *mail.text.splitlines()]
    assert all(one.translate(UNMARKED).isprintable() for one in shown_lines)
    assert not [one for one in shown_lines if one.startswith("Bcc")]
    assert [*problems(slack)] == []
    assert (slack["mrkdwn"], slack["parse"], slack["link_names"]) == (False, "none", False)
    assert not [mark for mark in "<>" if mark in slack["text"]]
    cells = [*digest_cells(facts)]
    assert cells
    assert all(str(cell).isprintable() for row in cells for cell in row)


def test_however_long_the_lists_are_slack_takes_it() -> None:
    lines = tuple(line(f"{'x' * 60}{n}.com", n, why="y" * 400) for n in range(1, MAX_PLACES + 1))
    facts = DigestFacts("Ann", FACTS.at, FACTS.since, lines, lines, lines, lines, lines)
    told = digest(facts, UTC, "https://signals.example.com")
    assert [*problems(digest_slack(told))] == []
    assert told.sections[0].more == MAX_PLACES - len(told.sections[0].items)
    assert f"{told.sections[0].more} more" in digest_mail(told).text


def test_the_csv_has_every_account_once_with_its_change() -> None:
    rows = [dict(zip(CSV_FIELDS, cells, strict=True)) for cells in digest_cells(FACTS)]
    assert [(row["account_id"], row["change"], row["place"], row["previous_place"]) for row in rows] == [
        ("quillmarsh.com", "up", 1, 3),
        ("brindlefax.com", "entered", 2, ""),
        ("harrowgate.com", "down", 3, 2),
        ("ostrander.com", "same", 4, 4),
        ("calderwood.com", "left", "", 1),
    ]
    assert {row["person"] for row in rows} == {"Ann Roe"}
