"""Show a running demo: a live screen on a terminal, else one line per alert and change at the top."""

from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import Any, Final, Protocol, Self

from rich.live import Live

from signal_engine.adapters.terminal.account_page import show_account
from signal_engine.adapters.terminal.demo_screen import DemoScreen, EngineAtPoll, alert_line, counted, loud_heading
from signal_engine.adapters.terminal.screen import stderr, stdout
from signal_engine.adapters.terminal.tables import show_alerts, show_list, show_order, show_refused
from signal_engine.adapters.terminal.wording import badge, score
from signal_engine.wire.output.alert_words import accounts_alerted_just_now

_TOP_ACCOUNTS: Final = 3
_LISTED_ACCOUNTS: Final = 20
_REFUSED_LINES: Final = 5


class Shows(Protocol):
    """Show one poll after another. A context manager: it restores the terminal at the end."""

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...

    def show(self, seen: EngineAtPoll) -> None:
        """Show the engine as polled."""


class ShowsScreen:
    """A live screen."""

    def __init__(self) -> None:
        self._live = Live(console=stdout(), screen=True, auto_refresh=False)

    def __enter__(self) -> Self:
        self._live.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._live.__exit__(kind, error, trace)

    def show(self, seen: EngineAtPoll) -> None:
        """Redraw the screen."""
        self._live.update(DemoScreen(seen), refresh=True)


class ShowsLines:
    """Lines on stderr."""

    def __init__(self) -> None:
        self._alerts = 0
        self._top: list[str] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        return

    def show(self, seen: EngineAtPoll) -> None:
        """Print what is new."""
        for alert in seen.alerts[self._alerts :]:
            stderr().print(alert_line(alert))
        self._alerts = len(seen.alerts)
        top = [entry["account_id"] for entry in seen.entries[:_TOP_ACCOUNTS]]
        if top != self._top:
            self._top = top
            named = ", ".join(
                f"{entry['rank']} {_name(entry)} ({badge(entry).plain.lower()}, {score(entry)})"
                for entry in seen.entries[:_TOP_ACCOUNTS]
            )
            stderr().print(f"{'':8}  first on the list: {named}")


def show_end(
    seen: EngineAtPoll,
    explained: Mapping[str, Any] | None,
    refused: Sequence[Mapping[str, Any]],
    weights: Mapping[str, float],
) -> None:
    """Print the end: list, alerts and one explanation on stdout, rejected events and counts on stderr."""
    screen, messages = stdout(), stderr()
    show_list(
        screen, "all", seen.entries, seen.at, _LISTED_ACCOUNTS, "Moved", accounts_alerted_just_now(seen.alerts, seen.at)
    )
    show_order(screen, weights)
    show_alerts(screen, seen.alerts, 0)
    if explained is not None and seen.loud is not None:
        screen.rule(loud_heading(seen.loud), align="left")
        show_account(screen, dict(explained))
        screen.print()
    show_refused(messages, refused, len(refused), _REFUSED_LINES)
    messages.print(f"{counted(seen.counts)}.")


def _name(entry: Mapping[str, Any]) -> str:
    return str(entry["name"] or entry["account_id"])
