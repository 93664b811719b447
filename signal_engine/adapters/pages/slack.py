"""One message as Slack draws it, for a page of somebody else's."""

from functools import cache
from typing import Any

from markupsafe import Markup

from signal_engine.adapters.pages.templates import templates


def slack_html(slack: dict[str, Any]) -> Markup:
    """The arguments of `chat.postMessage`, drawn; with `slack_css` on the page."""
    drawn: Markup = _module().slack_message(slack)
    return drawn


def slack_css() -> str:
    """The stylesheet of it."""
    return templates().get_template("slack.css").render()


@cache
def _module() -> Any:
    return templates().get_template("slack.html").module
