"""Every medium: what a reader sees of an alert in it. Whatever is markup there instead of text is an assertion."""

import csv
import email
import io
import json
from collections.abc import Callable
from datetime import UTC, datetime
from email.policy import default
from html.parser import HTMLParser
from typing import Any, NamedTuple

import orjson

from signal_engine.adapters.pages.messages import messages_page
from signal_engine.core.sync.changes import PlaceChange
from signal_engine.wire.agents.documents import agent_alerts
from signal_engine.wire.messages.answers.slack_replies import reply_elements
from signal_engine.wire.messages.content import message
from signal_engine.wire.messages.digest import CSV_FIELDS, DigestFacts, DigestLine, OwnersPart, digest, digest_cells
from signal_engine.wire.messages.digest_media import digest_mail, digest_slack
from signal_engine.wire.messages.extra_media.plain_text import chat_text
from signal_engine.wire.messages.extra_media.teams import teams_message
from signal_engine.wire.messages.mail import Mail, mail, mail_message
from signal_engine.wire.messages.slack import slack_message
from signal_engine.wire.messages.webhook import webhook_body
from signal_engine.wire.output.models import Alert
from signal_engine.wire.output.tables.csv_table import csv_of, csv_text
from signal_engine.wire.sync.change_messages import change_body
from signal_engine.wire.sync.tables import ListedCompany, linkedin_csv
from testing.receivers import slack_limits, teams
from tests.media.hostile import MARK, TAG, UNSEEN
from tests.wire.messages.test_content import CONTEXT

_URL = "https://signals.example.com"
_AT = 1_796_032_800_000
Shown = list[str]


class Medium(NamedTuple):
    """One way out."""

    covers: tuple[str, ...]
    """Names in the closed lists of what leaves (`test_every_medium_is_here`)."""
    show: Callable[[Alert], Shown]
    """The lines that a reader sees. Raises AssertionError for markup."""
    as_it_is: bool = False
    """For programs: text stays what it was, and no line is made of it."""


class _Page(HTMLParser):
    """The text of a page, which has no tag, event, script or address of other people's making."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.text: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag != TAG
        for name, value in attrs:
            assert not name.startswith("on")
            assert name not in {"href", "src", "action"} or not str(value).lower().strip().startswith("javascript:")
        if tag == "script":
            self.text.append("<script>")

    def handle_data(self, data: str) -> None:
        self.text.append(data)

    def handle_comment(self, data: str) -> None:
        assert MARK not in data

    def handle_decl(self, decl: str) -> None:
        assert MARK not in decl


def html_lines(page: str) -> Shown:
    """What a reader of a page sees."""
    read = _Page()
    read.feed(page)
    read.close()
    return [line for text in read.text for line in text.split("\n")]


def _slack(message: dict[str, Any]) -> Shown:
    assert [*slack_limits.problems(message)] == []
    switched_off = [message[name] for name in ("mrkdwn", "link_names", "unfurl_links", "unfurl_media")]
    assert (switched_off, message["parse"]) == ([False] * 4, "none")
    lines = []
    for one in slack_limits.texts(message["blocks"]):
        assert one.get("type") != "mrkdwn"
        assert one.get("type") != "link" or one["url"].startswith(("https://", "http://"))
        lines += one["text"].split("\n")
    return lines


def _mail(content: Mail) -> Shown:
    """The text, with the subject, as a mail program takes them out of what is sent."""
    sent = mail_message(
        content, "a.com", "d-1", "S <s@example.com>", ("a@example.com",), datetime(2026, 11, 30, tzinfo=UTC)
    )
    read = email.message_from_bytes(sent.as_bytes(), policy=default)
    assert isinstance(read, email.message.EmailMessage)
    assert read["To"] == "a@example.com"
    assert "Bcc" not in read
    assert len([*read.iter_parts()]) == 2
    text = next(read.iter_parts()).get_content()
    return [str(read["Subject"]), *text.replace("\r\n", "\n").split("\n")]


def _teams(alert: Alert) -> Shown:
    """Read back without the blank that breaks functions of dates."""
    request = orjson.loads(teams_message(message(alert, CONTEXT)))
    assert [*teams.problems(request)] == []
    return [line.replace("{ {", "{{") for line in teams.shown(request["attachments"][0]["content"])]


def _apprise(alert: Alert) -> Shown:
    """Read back from the full-width forms, in which nothing is markup."""
    told = chat_text(message(alert, CONTEXT))
    lines = [told.title, *told.body.split("\n")]
    assert not {*"@<>*_`[]()#~|\\&"} & {*"".join(lines)}
    assert "://" not in "".join(lines)
    wide = {ord(char) + 0xFEE0: char for char in "@<>*_`[]()#~|\\&:"}
    return [line.translate(wide) for line in lines]


def _digest(alert: Alert) -> DigestFacts:
    line = DigestLine(
        alert["account_id"], alert["name"], 1, 2, "hot", 70.0, alert["tier"], alert["claimed_by"], alert["why_now"]
    )
    told = OwnersPart((alert["why_now"],), (alert["why_now"],))
    return DigestFacts("Ann", _AT, _AT - 1, (line,), (line,), (), (), (), told)


def _cells(text: str) -> Shown:
    """What a spreadsheet shows: no cell is calculated, and no separator opens another one."""
    rows = [*csv.reader(io.StringIO(text.removeprefix("\ufeff")))]
    assert len({*map(len, rows)}) == 1, "every row has as many cells as the header"
    for cell in (cell for row in rows for cell in row):
        for part in cell.split(";"):
            assert part.strip()[:1] not in {*"=+-@\uff1d\uff0b\uff0d\uff20\t\r"} or part.strip() == "-"
    return [cell.removeprefix("'") for row in rows for cell in row]


def _entry(alert: Alert) -> Any:
    return {**alert, "rank": 1}


def _values(found: Any) -> Shown:
    """Every text of a JSON document; its keys are ours."""
    if isinstance(found, dict):
        assert not [key for key in found if MARK in key]
        return [text for one in found.values() for text in _values(one)]
    if isinstance(found, list | tuple):
        return [text for one in found for text in _values(one)]
    return [found] if isinstance(found, str) else []


def _json(document: Any) -> Shown:
    return _values(json.loads(json.dumps(document)))


def _preview(alert: Alert) -> Shown:
    content = message(alert, CONTEXT)
    return html_lines(messages_page(content.headline, slack_message(content), mail(content)))


def _preview_json(alert: Alert) -> Shown:
    """What is invisible in the JSON is written out on the page."""
    content = message(alert, CONTEXT)
    body = webhook_body(alert, content, CONTEXT, "d-1")
    lines = html_lines(messages_page(content.headline, slack_message(content), mail(content), body))
    assert not UNSEEN & {*"".join(lines)}
    begin = len(lines) - 1 - lines[::-1].index("{")
    end = len(lines) - lines[::-1].index("}")
    return _json(json.loads("\n".join(lines[begin:end])))


def _agent(alert: Alert) -> Shown:
    """Foreign text is a field `data` of its own; what agents read as ours has none of it."""

    def data(found: Any, inside: str = "") -> Shown:
        if isinstance(found, dict):
            return [text for key, one in found.items() for text in data(one, key)]
        if isinstance(found, list):
            return [text for one in found for text in data(one, inside)]
        if inside == "data":
            return [found]
        assert inside == "tier" or MARK not in str(found), inside
        return []

    return data(json.loads(json.dumps(agent_alerts([alert]))))


def _change(alert: Alert) -> Shown:
    return _json(change_body("all", PlaceChange(alert["account_id"], "entered", 1, None), _entry(alert), _AT))


MEDIA: dict[str, Medium] = {
    "slack bot": Medium(
        ("slack",), lambda alert: _slack(slack_message(message(alert, CONTEXT), reply_elements(alert, "west")))
    ),
    "slack incoming webhook": Medium(("slack",), lambda alert: _slack(slack_message(message(alert, CONTEXT)))),
    "mail text": Medium(("email",), lambda alert: _mail(mail(message(alert, CONTEXT)))),
    "mail html": Medium(("email",), lambda alert: html_lines(mail(message(alert, CONTEXT)).html)),
    "webhook": Medium(
        ("webhook",),
        lambda alert: _json(webhook_body(alert, message(alert, CONTEXT), CONTEXT, "d-1")),
        as_it_is=True,
    ),
    "teams": Medium(("teams",), _teams),
    "apprise": Medium(("apprise",), _apprise),
    "digest in slack": Medium(("digest",), lambda alert: _slack(digest_slack(digest(_digest(alert), UTC, _URL)))),
    "digest mail text": Medium(("digest",), lambda alert: _mail(digest_mail(digest(_digest(alert), UTC, _URL)))),
    "digest mail html": Medium(
        ("digest",), lambda alert: html_lines(digest_mail(digest(_digest(alert), UTC, _URL)).html)
    ),
    "digest csv": Medium(("digest",), lambda alert: _cells(csv_text(CSV_FIELDS, digest_cells(_digest(alert))))),
    "list csv": Medium(("sink files",), lambda alert: _cells(csv_of([_entry(alert)]))),
    "linkedin csv": Medium(
        ("sink linkedin",), lambda alert: _cells(linkedin_csv([ListedCompany(alert["account_id"], alert["name"])]))
    ),
    "webhook of lists": Medium(("sink webhook",), _change, as_it_is=True),
    "agents": Medium(("agents",), _agent),
    "preview page": Medium(("messages.html",), _preview),
    "json on the preview page": Medium(("messages.html",), _preview_json, as_it_is=True),
}
