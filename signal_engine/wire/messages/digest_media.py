"""A digest as e-mail and as Slack's Block Kit. Foreign text is text in both, and never markup."""

from collections.abc import Sequence
from typing import Any, Final

from markupsafe import Markup

from signal_engine.wire.messages.digest import Digest, DigestItem, DigestSection
from signal_engine.wire.messages.foreign_text import cut
from signal_engine.wire.messages.mail import Mail
from signal_engine.wire.messages.slack import MOST_OF_ALL, characters_of

_MAX_SUBJECT: Final = 150
_MAX_BLOCKS: Final = 50
"""Of one message, by Slack's own validators."""
_MAX_RICH_TEXT: Final = 3_000
"""Characters of a section."""
_MAX_FALLBACK: Final = 300
_SOFT: Final = "color:#5b6472"


def digest_mail(digest: Digest) -> Mail:
    """Subject, text and HTML."""
    subject = cut(f"{digest.title}: {digest.summary}", _MAX_SUBJECT)
    return Mail(subject, _text(digest), str(_html(digest)))


def digest_slack(digest: Digest) -> dict[str, Any]:
    """The arguments of `chat.postMessage` without channel and metadata; an incoming webhook takes them, too."""
    plain = cut(f"{digest.title}: {digest.summary}", _MAX_FALLBACK)
    sections = [*digest.sections]
    while characters_of(blocks := _blocks(digest, sections)) > MOST_OF_ALL and any(one.items for one in sections):
        longest = max(range(len(sections)), key=lambda place: len(sections[place].items))
        one = sections[longest]
        sections[longest] = one._replace(items=one.items[:-1], more=one.more + 1)
    return {
        "text": plain.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;"),
        "blocks": blocks[:_MAX_BLOCKS],
        "mrkdwn": False,
        "parse": "none",
        "link_names": False,
        "unfurl_links": False,
        "unfurl_media": False,
    }


def _blocks(digest: Digest, sections: Sequence[DigestSection]) -> list[dict[str, Any]]:
    blocks: list[dict[str, Any]] = [
        {"type": "header", "text": {"type": "plain_text", "text": digest.title, "emoji": False}},
        {"type": "context", "elements": [{"type": "plain_text", "text": digest.summary, "emoji": False}]},
    ]
    blocks += [{"type": "rich_text", "elements": _rich(section)} for section in sections]
    if digest.url is not None:
        label = {"type": "plain_text", "text": "Open list", "emoji": False}
        blocks.append({"type": "actions", "elements": [{"type": "button", "text": label, "url": digest.url}]})
    return blocks


def _rich(section: DigestSection) -> list[dict[str, Any]]:
    """A title and as many lines as fit, the best first."""
    items, left = [*section.items], section.more
    while items and sum(len(_line(item)) for item in items) > _MAX_RICH_TEXT:
        items.pop()
        left += 1
    rows = [_row(item) for item in items]
    if left:
        rows.append([{"type": "text", "text": f"{left} more"}])
    return [
        {
            "type": "rich_text_section",
            "elements": [{"type": "text", "text": section.title, "style": {"bold": True}}],
        },
        {
            "type": "rich_text_list",
            "style": "bullet",
            "elements": [{"type": "rich_text_section", "elements": row} for row in rows],
        },
    ]


def _row(item: DigestItem) -> list[dict[str, Any]]:
    title: dict[str, Any] = {"type": "text", "text": item.title}
    if item.url is not None:
        title = {"type": "link", "url": item.url, "text": item.title}
    rest = _line(item).removeprefix(item.title)
    return [title, {"type": "text", "text": rest}] if rest else [title]


def _line(item: DigestItem) -> str:
    """`Acme (acme.com): #3 → #1, hot 78. CFO asked for a demo`."""
    beside = f": {item.beside}" if item.beside else ""
    return f"{item.title}{beside}" + (f". {item.why}" if item.why else "")


def _text(digest: Digest) -> str:
    lines = [digest.title, "", digest.summary]
    for section in digest.sections:
        lines += ["", section.title, *(f"  - {_line(item)}" for item in section.items)]
        if section.more:
            lines.append(f"  {section.more} more")
    if digest.url is not None:
        lines += ["", f"Open list: {digest.url}"]
    return "\n".join(lines) + "\n"


def _html(digest: Digest) -> Markup:
    """One table, styles inline, nothing loaded from elsewhere: what mail programs agree on."""
    link = Markup(
        '<p style="margin:18px 0 0"><a href="{}" style="display:inline-block;padding:9px 16px;background:#1f5fbf;'
        'color:#fff;border-radius:6px;text-decoration:none;font-weight:bold">Open list</a></p>'
    )
    return Markup(
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width"><title>{title}</title></head>'
        '<body style="margin:0;padding:16px;background:#f3f4f6">'
        '<table role="presentation" width="100%" cellpadding="0" cellspacing="0" style="max-width:600px;margin:0 auto;'
        "background:#fff;border-radius:8px;border-top:4px solid #1f5fbf;font:15px/1.5 Helvetica,Arial,sans-serif;"
        'color:#1b2330"><tr><td style="padding:20px 24px;overflow-wrap:anywhere;word-break:break-word">'
        '<h1 style="margin:0;font-size:21px;line-height:1.3">{title}</h1>'
        '<p style="margin:2px 0 0;{soft}">{summary}</p>{sections}{link}</td></tr></table></body></html>'
    ).format(
        title=digest.title,
        soft=_SOFT,
        summary=digest.summary,
        sections=Markup("").join(map(_html_section, digest.sections)),
        link=Markup("") if digest.url is None else link.format(digest.url),
    )


def _html_section(section: DigestSection) -> Markup:
    more = Markup('<p style="margin:2px 0 0;{}">{} more</p>').format(_SOFT, section.more) if section.more else ""
    return Markup(
        '<h2 style="margin:18px 0 4px;font-size:15px">{}</h2><ul style="margin:0;padding-left:20px">{}</ul>{}'
    ).format(section.title, Markup("").join(map(_html_item, section.items)), more)


def _html_item(item: DigestItem) -> Markup:
    linked = Markup('<a href="{1}" style="color:#1f5fbf"><bdi>{0}</bdi></a>')
    title = (linked if item.url is not None else Markup("<b><bdi>{0}</bdi></b>")).format(item.title, item.url)
    beside = Markup(' <span style="font-size:13px;{}">{}</span>').format(_SOFT, item.beside) if item.beside else ""
    why = Markup("<br><bdi>{}</bdi>").format(item.why) if item.why else ""
    return Markup('<li style="margin:0 0 6px">{}{}{}</li>').format(title, beside, why)
