"""Messages on one page, as Slack, a mail program and, of an alert, a webhook's receiver would have them."""

from typing import Any, Final

import orjson

from signal_engine.adapters.pages.templates import templates
from signal_engine.wire.messages.foreign_text import visible
from signal_engine.wire.messages.mail import Mail

_INDENTED: Final = orjson.OPT_INDENT_2


def messages_page(title: str, slack: dict[str, Any], mail: Mail, webhook: dict[str, Any] | None = None) -> str:
    """The page. It loads nothing; the mail is in a frame that runs no script."""
    body = None if webhook is None else visible(orjson.dumps(webhook, option=_INDENTED).decode())
    return templates().get_template("messages.html").render(title=title, slack=slack, mail=mail, webhook=body)
