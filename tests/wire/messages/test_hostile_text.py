"""Whatever stands in an alert is shown as text, within the limits of every medium, and nothing else leaves."""

import email
import json
from datetime import UTC, datetime
from email.message import EmailMessage
from email.policy import default
from html.parser import HTMLParser
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signal_engine.wire.messages.content import MessageContext, message
from signal_engine.wire.messages.foreign_text import isolated, shown
from signal_engine.wire.messages.mail import mail, mail_message
from signal_engine.wire.messages.slack import slack_message
from signal_engine.wire.messages.webhook import webhook_body
from signal_engine.wire.output.models import Alert
from testing.receivers.slack_limits import problems, texts
from tests.wire.delivery.alerts import an_alert, evidence
from tests.wire.messages.test_content import CONTEXT, alert_of, every_text

NASTY = [
    "<!channel> <@U012> <https://evil.example|click> &lt;!here&gt;",
    "<script>alert(1)</script><img src=x onerror=alert(1)>",
    "*bold* _italic_ ~struck~ `code` ```block``` > quote :fire:",
    "a\r\nBcc: victim@example.com\r\n\r\nbody",
    "\u202egnp.exe\u202c \u2066x\u2069 \u200b\u200d\ufeff",
    "שלום עולם مرحبا بالعالم",
    "x" * 3_000,
    "\x00\x1b[31mred\x07",
    '"><a href="javascript:alert(1)">x</a>',
    "{{7*7}} ${7*7} %s %(x)s {0}",
    "\U0001f525" * 200,
    "é" * 90 + "e\u0301" * 90,
    "",
    " ",
    "=?utf-8?q?a=0D=0ABcc:_victim@example.com=0D=0A=0D=0Abody?=",
]
UNMARKED = {0x2068: None, 0x2069: None}
"""The marks of our own."""
TEXT = st.sampled_from(NASTY) | st.text(max_size=400)
SHORT = TEXT.map(lambda text: text[:160])


@st.composite
def hostile_alerts(draw: st.DrawFn) -> dict[str, Any]:
    """An alert with hostile text in every field that others fill."""
    kinds = ("intent", "hiring", "funding", "engagement", "technographic", "leadership")
    url = st.sampled_from([*NASTY, "https://a.example/x", "https://a.example/" + "x" * 3_000])
    lines = st.lists(st.builds(evidence, SHORT, st.floats(0, 40), source_url=url), max_size=3)
    seen = st.fixed_dictionaries({"persona": TEXT, "called": TEXT, "last_seen_at": st.just("2026-11-30T09:00:00Z")})
    return an_alert(
        name=draw(TEXT | st.none()),
        why_now=draw(TEXT),
        tier=draw(TEXT | st.none()),
        icp=draw(TEXT | st.none()),
        owner=draw(TEXT | st.none()),
        sdr=draw(TEXT | st.none()),
        segment=draw(TEXT | st.none()),
        crm_id=draw(TEXT | st.none()),
        claimed_by=draw(TEXT | st.none()),
        type=draw(st.sampled_from(["hand_raise", "entered_hot", "cooled", "inbound"])),
        tipped_by={"event_id": draw(TEXT), "text": draw(TEXT), "occurred_at": "2026-11-30T09:00:00Z"},
        people=draw(st.lists(seen, max_size=10)),
        personas_live=draw(st.lists(TEXT, max_size=4)),
        parts=[{"part": kind, "points": 12.0, "evidence": draw(lines)} for kind in kinds],
    )


CONTEXTS = st.builds(
    CONTEXT._replace,
    person=TEXT | st.none(),
    buying_group=st.lists(TEXT, max_size=4),
    fit_reasons=st.lists(TEXT.map("+5 {}".format), max_size=6),
    public_url=st.sampled_from(["", "https://signals.example.com"]),
)


@given(hostile_alerts(), CONTEXTS)
def test_slack_gets_text_within_its_limits_and_nothing_that_mentions_anybody(
    alert: dict[str, Any], context: MessageContext
) -> None:
    made = slack_message(message(alert_of(**alert), context))
    assert list(problems(made)) == []
    assert (made["mrkdwn"], made["parse"], made["link_names"], made["unfurl_links"]) == (False, "none", False, False)
    assert len(json.dumps(made)) < 40_000


def test_long_addresses_cost_slack_the_weakest_evidence_and_never_the_message() -> None:
    lines = [evidence(f"signal {n}", 9.0 - n, source_url=f"https://a.example/{n}/{'x' * 2_000}") for n in range(5)]
    made = slack_message(message(alert_of(parts=[{"part": "intent", "points": 30.0, "evidence": lines}]), CONTEXT))
    assert list(problems(made)) == []
    told = json.dumps(made)
    assert [f"signal {n}" in told for n in range(5)] == [True, True, True, False, False]
    assert "2 more, weaker" in told


MAIL_TAGS = {
    "html", "head", "meta", "title", "body", "table", "tr", "td", "p", "h1", "b", "bdi", "ul", "li", "span", "a",
}  # fmt: skip
"""What a mail may be made of."""


class Tags(HTMLParser):
    """The tags and the text of a page."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text.append(data)


@given(hostile_alerts(), CONTEXTS)
def test_the_mail_shows_everything_as_text_in_both_forms(alert: dict[str, Any], context: MessageContext) -> None:
    content = message(alert_of(**alert), context)
    made = mail(content)
    page = Tags()
    page.feed(made.html)
    assert {tag for tag, _ in page.tags} <= MAIL_TAGS
    for tag, attributes in page.tags:
        assert not {name for name in attributes if name.startswith("on") or name == "src"}
        if tag == "a":
            assert str(attributes["href"]).startswith(("https://", "http://"))
    told = "".join(page.text)
    assert all(text in told and text in made.text for text in every_text(content) if text)
    assert len(made.text.splitlines()) <= 80
    assert all(line.translate(UNMARKED).isprintable() for line in made.text.splitlines())


@given(hostile_alerts())
def test_no_text_becomes_a_header_or_another_recipient(alert: dict[str, Any]) -> None:
    content = mail(message(alert_of(**alert), CONTEXT))
    made = mail_message(
        content, "acme.com", "d-1", "Signals <s@example.com>", ("ann@example.com",), datetime(2026, 11, 30, tzinfo=UTC)
    )
    read = email.message_from_bytes(made.as_bytes(), policy=default)
    assert isinstance(read, EmailMessage)
    ours = {"subject", "from", "to", "date", "message-id", "references", "auto-submitted"}
    assert sorted(map(str.lower, read.keys())) == sorted({*ours, "mime-version", "content-type"})
    assert read["To"] == "ann@example.com"
    assert read["Message-ID"] == "<d-1@example.com>"
    text, html = read.iter_parts()
    assert (text.get_content_type(), html.get_content_type()) == ("text/plain", "text/html")
    assert text.get_content().replace("\r\n", "\n").strip() == content.text.strip()


@given(hostile_alerts(), CONTEXTS)
def test_a_webhook_has_what_the_alert_has_and_no_more_than_is_allowed(
    alert: dict[str, Any], context: MessageContext
) -> None:
    read = alert_of(**alert)
    body = webhook_body(read, message(read, context), context, "d-1")
    back = json.loads(json.dumps(body))
    assert back["data"]["why_now"] == alert["why_now"] == back["why_now"]
    assert not any(isinstance(value, dict | list) for name, value in back.items() if name != "data")
    assert "event_id" not in json.dumps(list(_keys(back)))


def _keys(found: Any) -> Any:
    if isinstance(found, dict):
        yield from found
        for one in found.values():
            yield from _keys(one)
    elif isinstance(found, list):
        for one in found:
            yield from _keys(one)


def test_a_field_that_nobody_allowed_does_not_leave() -> None:
    secret: Any = {**alert_of(), "phone": "+49151"}
    secret["people"] = [{**secret["people"][0], "email": "cfo@acme.com"}]
    secret["parts"] = [{**secret["parts"][0], "evidence": [{**secret["parts"][0]["evidence"][0], "person_id": "p-1"}]}]
    alert: Alert = secret
    content = message(alert, CONTEXT)
    everything = json.dumps([webhook_body(alert, content, CONTEXT, "d"), slack_message(content), mail(content)])
    assert not any(one in everything for one in ("+49151", "cfo@acme.com", "p-1", "person_id", "phone"))


def test_evidence_is_cut_from_the_weakest_up_and_what_is_left_out_is_counted() -> None:
    lines = [evidence(f"signal {number}", float(number)) for number in range(1, 10)]
    parts = [{"part": "intent", "points": 45.0, "evidence": lines}]
    made = slack_message(message(alert_of(score=45.0, parts=parts), CONTEXT))
    (listed,) = [block for block in made["blocks"] if block.get("elements", [{}])[0].get("style") == "bullet"]
    said = [one["text"] for one in texts(listed)][::2]
    assert said == ["signal 9", "signal 8", "signal 7", "signal 6", "signal 5", "4 more, weaker: intent 10"]


def test_a_thread_is_one_account_and_a_mail_sent_again_is_the_same() -> None:
    content = mail(message(alert_of(), CONTEXT))
    at = datetime(2026, 11, 30, tzinfo=UTC)
    one, again, other = (
        mail_message(content, account, "d-1", "s@example.com", ("a@example.com",), at)
        for account in ("acme.com", "acme.com", "b.com")
    )
    assert one["Message-ID"] == again["Message-ID"]
    assert one["References"] == again["References"] != other["References"]


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("a\r\n b\tc", "a b c"),
        ("\u202eevil\u202c", "evil"),
        ("x" * 161, "x" * 159 + "…"),
        ("x" * 160, "x" * 160),
        ("\ud800", ""),
    ],
)
def test_foreign_text_is_one_clean_line(text: str, seen: str) -> None:
    assert shown(text) == seen


def test_text_from_the_right_keeps_what_stands_around_it_in_order() -> None:
    hello = "שלום"
    assert isolated(hello) == f"\u2068{hello}\u2069"
    assert isolated("Acme 24") == "Acme 24"
