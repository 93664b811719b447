"""What would make an account hot, in a few lines."""

from collections.abc import Iterable
from typing import Final

from rich.console import Console
from rich.text import Text

from signal_engine.adapters.terminal.clean import one_line
from signal_engine.wire.output import words
from signal_engine.wire.output.reports.what_if_documents import PossibleSignal, WhatIf
from signal_engine.wire.output.words import IN_WORDS

_MAX_SIGNALS: Final = 8


def show_what_if(screen: Console, document: WhatIf) -> None:
    """The signals that would do; else the fewest that would together; else that nothing would."""
    screen.print(Text("What if", "bold"))
    if document["level"] == "hot":
        screen.print("  It is hot already.")
        return
    asked = (
        f"hot takes a score of {document['hot_from']:g} with {words.count(document['min_kinds'], 'signal type')} live"
    )
    screen.print(f"  {asked}; it has {document['score']:.2f} with {document['kinds_live']}")
    hot = [signal for signal in document["signals"] if signal["level"] == "hot"]
    for signal in hot[:_MAX_SIGNALS]:
        screen.print(Text(f"  hot ({signal['score']:.2f}) by {_words([signal])}"))
    if len(hot) > _MAX_SIGNALS:
        screen.print(Text(f"  {len(hot) - _MAX_SIGNALS:,} more signals would do; --json tells all", "dim"))
    if not hot:
        screen.print("  no single signal would make it hot")
        for together in document["together"]:
            screen.print(Text(f"  hot by {_words(together)}"))
        if not document["together"]:
            screen.print("  nor would the strongest signal of every type together")
    if (reason := document["no_alert_because"]) is not None:
        screen.print(Text(f"  but nobody would be alerted: {IN_WORDS[reason]}", "yellow"))


def _words(signals: Iterable[PossibleSignal]) -> str:
    """`engagement (activity is demo_request; +20; finance) and intent (...)`."""
    return " and ".join(
        f"{words.signal_type(one['kind'])} ({one_line(one['rule'])}; +{one['points']:g}; {one_line(one['facet'])})"
        for one in signals
    )
