"""An ICP on one page, in the terminal."""

from collections.abc import Iterable

from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from signal_engine.adapters.terminal import wording
from signal_engine.adapters.terminal.clean import one_line
from signal_engine.wire.output.reports.icp_summary import words
from signal_engine.wire.output.reports.icp_summary.documents import IcpSummary, PublishedAs


def show_summary(screen: Console, one: IcpSummary) -> None:
    """Print who decides, what makes an account a yes and what a no, its tiers, and when to call."""
    screen.print(Text(f"{one['icp']} version {one['version']}", "bold"))
    review = f"review by {words.day(one['review_by'])}"
    if one["annual_review_by"] is not None:
        review += f", from the ground up by {words.day(one['annual_review_by'])}"
    screen.print(Text(f"  {one_line(one['owner'])} <{one_line(one['owner_email'])}> decides; {review}"))
    if one["published"] is not None:
        screen.print(Text(f"  {_published(one['published'])}", "dim"))
    _section(screen, words.MUST_HAVE, "bold green", map(words.condition, one["must_have"]))
    if one["must_have"]:
        _line(screen, words.MISSING, "dim")
    _section(
        screen,
        words.DISQUALIFY,
        "bold red",
        (f"{no['reason']} ({words.conditions(no['when'])})" for no in one["disqualify"]),
    )
    _section(screen, words.POINTS, "bold", _fit(one))
    _section(screen, words.CALLS, "bold", map(words.call, one["calls"]))


def _fit(one: IcpSummary) -> Iterable[str]:
    for gained in one["points"]:
        yield f"{gained['points']:+g} {gained['label']} ({words.conditions(gained['when'])})"
    begins = f"fit begins at {one['base']:g}; " if one["points"] else f"fit is {one['base']:g}; "
    tiers = (
        f"{tier['tier']} from {tier['lowest']:g}: {words.DECISION_WORDS[tier['decision']]}" for tier in one["tiers"]
    )
    yield f"{begins}{'; '.join(tiers)}; below: no"
    if one["buying_group"]:
        yield f"must say yes: {', '.join(one['buying_group'])}"


def _section(screen: Console, title: str, style: str, lines: Iterable[str]) -> None:
    if found := [*lines]:
        screen.print(Text(title, style))
        for line in found:
            _line(screen, line, "")


def _line(screen: Console, line: str, style: str) -> None:
    screen.print(Padding(Text(one_line(line), style), (0, 0, 0, 2), expand=False))


def _published(told: PublishedAs) -> str:
    back = "" if told["rollback_to"] is None else f"back to version {told['rollback_to']}: "
    state = "in force, published" if told["in_force"] else "published, not in force,"
    return f"{state} {wording.minute(told['at'])} UTC by {told['by']}: {one_line(back + told['reason'])}"
