"""A message as e-mail: text first, then HTML; ids by which mail programs keep one thread per account."""

from datetime import datetime
from email.headerregistry import Address, BaseHeader, HeaderRegistry, UnstructuredHeader
from email.message import EmailMessage
from email.policy import SMTP, Policy
from email.utils import format_datetime
from typing import Any, Final, NamedTuple
from uuid import UUID, uuid5

from markupsafe import Markup

from signal_engine.wire.messages.content import Message, MessageFact, MessageLink
from signal_engine.wire.messages.extra_media.plain_text import plain_text
from signal_engine.wire.messages.foreign_text import cut

_MOST_OF_A_SUBJECT: Final = 150


class _WholeHeader(UnstructuredHeader, BaseHeader):
    """Of ids and URLs: no text, so nobody decodes it. Python would encode what is longer than a line may be."""

    def fold(self, *, policy: "Policy[Any]") -> str:
        """On one line, however long."""
        return f"{self.name}: {self}{policy.linesep}" if self.isascii() else super().fold(policy=policy)


_HEADERS: Final = HeaderRegistry()
_HEADERS.map_to_type("References", _WholeHeader)
_HEADERS.map_to_type("List-Unsubscribe", _WholeHeader)
_SEVEN_BIT: Final = SMTP.clone(cte_type="7bit", header_factory=_HEADERS)
"""Every mail server takes it as it is, so nothing on the way has a reason to write it anew."""
_THREADS: Final = UUID("5c4f3b1e-6c53-5d2f-8d6e-6b7c3a9f2d10")
_COLOURS: Final = {
    "Hot": "#b3261e", "Inbound": "#7b2fa8", "Trigger": "#1f5fbf", "Went quiet": "#5b6472", "Unclaimed": "#b3261e",
    "No contact": "#b3261e",
}  # fmt: skip
_SOFT: Final = "color:#5b6472"


class Mail(NamedTuple):
    """A message in its two forms."""

    subject: str
    text: str
    html: str


def mail(message: Message) -> Mail:
    """Subject, text and HTML of a message."""
    why = message.facts[0].text if message.facts else ""
    subject = f"{message.label}: {message.account}" + (f": {why}" if why else "")
    return Mail(cut(subject, _MOST_OF_A_SUBJECT), plain_text(message), str(_html(message)))


def mail_message(
    content: Mail,
    thread: str,
    delivery_id: str,
    sender: str,
    recipients: tuple[str, ...],
    at: datetime,
    unsubscribe: str | None = None,
) -> EmailMessage:
    """The e-mail of one delivery. Sent again, it has the same `Message-ID`.

    Mails of one `thread`, of alerts the account, are one conversation by `References`. `sender` is an address, with a
    name or without; `at` has a zone; `unsubscribe` is a URL whose POST ends a digest at once (RFC 8058).
    """
    name, _, address = sender.removesuffix(">").rpartition("<")
    domain = address.rpartition("@")[2]
    made = EmailMessage(policy=_SEVEN_BIT)
    made["Subject"] = content.subject.replace("=?", "= ?")  # else an encoded word in it is decoded, line breaks too
    made["From"] = Address(name.strip().strip('"'), addr_spec=address)
    made["To"] = [Address(addr_spec=one) for one in recipients]
    made["Date"] = format_datetime(at)
    made["Message-ID"] = f"<{delivery_id}@{domain}>"
    made["References"] = f"<{uuid5(_THREADS, thread)}@{domain}>"
    made["Auto-Submitted"] = "auto-generated"
    if unsubscribe is not None:
        made["List-Unsubscribe"] = f"<{unsubscribe}>"
        if unsubscribe.startswith("https://"):  # RFC 8058 knows no other
            made["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    made.set_content(content.text)
    made.add_alternative(content.html, subtype="html")
    return made


def _html(message: Message) -> Markup:
    """One table, styles inline, nothing loaded from elsewhere: what mail programs agree on."""
    return Markup(
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width"><title>{title}</title></head>'
        '<body style="margin:0;padding:16px;background:#f3f4f6">'
        '<table role="presentation" width="100%" cellpadding="0" cellspacing="0" style="max-width:600px;margin:0 auto;'
        "background:#fff;border-radius:8px;border-top:4px solid {colour};font:15px/1.5 Helvetica,Arial,sans-serif;"
        'color:#1b2330"><tr><td style="padding:20px 24px;overflow-wrap:anywhere;word-break:break-word">'
        '<p style="margin:0;font-size:13px;font-weight:bold;color:{colour}">{label}</p>'
        '<h1 style="margin:2px 0 0;font-size:21px;line-height:1.3"><bdi>{account}</bdi></h1>'
        '<p style="margin:0 0 14px;font-size:13px;{soft}"><bdi>{beside}</bdi></p>'
        "{facts}{evidence}{reasons}{links}</td></tr></table></body></html>"
    ).format(
        title=message.headline,
        colour=_COLOURS.get(message.label, _COLOURS["Went quiet"]),
        label=message.label,
        account=message.account,
        beside=message.beside,
        soft=_SOFT,
        facts=_facts(message.facts),
        evidence=_evidence(message),
        reasons=_facts(message.reasons),
        links=_links(message.links),
    )


def _facts(facts: tuple[MessageFact, ...]) -> Markup:
    row = Markup('<p style="margin:0 0 8px"><b>{}:</b> <bdi>{}</bdi></p>')
    return Markup("").join(row.format(fact.label, fact.text) for fact in facts)


def _evidence(message: Message) -> Markup:
    lines = message.evidence
    if not lines:
        return Markup("")
    plain, linked = Markup("<bdi>{0}</bdi>"), Markup('<a href="{1}" style="color:#1f5fbf"><bdi>{0}</bdi></a>')
    item = Markup('<li style="margin:0 0 3px">{} <span style="font-size:13px;{}">{}</span></li>')
    items = Markup("").join(
        item.format((linked if line.url else plain).format(line.text or "signal", line.url), _SOFT, line.beside)
        for line in lines
    )
    rest = Markup('<li style="margin:0 0 3px;font-size:13px;{}">{}</li>')
    items += Markup("").join(rest.format(_SOFT, line) for line in message.rest(len(lines)))
    return Markup('<ul style="margin:0 0 14px;padding-left:20px">{}</ul>').format(items)


def _links(links: tuple[MessageLink, ...]) -> Markup:
    button = Markup(
        '<a href="{}" style="display:inline-block;margin:8px 8px 0 0;padding:9px 16px;background:#1f5fbf;color:#fff;'
        'border-radius:6px;text-decoration:none;font-weight:bold">{}</a>'
    )
    return Markup("").join(button.format(link.url, link.label) for link in links)
