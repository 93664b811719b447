"""What a publication of ICPs changes, in the terminal: whom it leaves out is said, and so are the plays."""

from typing import Any

from rich.console import Console

from signal_engine.adapters.terminal.rules.icp_tables import show_icp_changes
from signal_engine.engine.reports.icp_diff import IcpDifferences
from signal_engine.wire.output.operations.rules import IcpDifference
from tests.build import icp

PROFILE = icp(must_have={"size": {"gte": 200}}, base=80)


def told(*sizes: int, old: Any, new: Any, most: int | None = None, plays: Any = ()) -> IcpDifference:
    differences = IcpDifferences(old, new, most)
    for number, size in enumerate(sizes):
        differences.add(f"a{number}.com", None, {"size": size}, {"size": size})
    return {
        "icp": "saas",
        "version": None if new is None else new.version,
        "before": None if old is None else old.version,
        "difference": [],
        "accounts": differences.document(),
        "plays": [*plays],
    }


def shown(one: IcpDifference) -> str:
    screen = Console(width=150, force_terminal=False)
    with screen.capture() as got:
        show_icp_changes(screen, [one])
    return " ".join(got.get().split())


def test_a_new_icp_and_one_that_ends_say_so():
    text = shown(told(300, 100, old=None, new=PROFILE))
    assert f"version {PROFILE.version}, which is new, 2 accounts 1 enter those to chase, 0 leave" in text
    assert "a0.com enters chase A the ICP is new" in text
    text = shown(told(300, 100, old=PROFILE, new=None))
    assert f"version {PROFILE.version}, which is taken out of force" in text
    assert "a0.com leaves chase A the ICP is taken out of force" in text


def test_what_is_cut_is_counted():
    text = shown(told(*[300] * 30, old=None, new=PROFILE, most=25))
    assert "a0.com" in text
    assert "10 more; --json tells the first 25" in text
    assert "10 more; --json tells all" in shown(told(*[300] * 30, old=None, new=PROFILE))


def test_plays_for_the_icp_are_named_and_foreign_text_stays_on_its_line():
    plays = [
        {"kind": "hand_raise", "segment": "Enterprise", "text": "Answer\ntoday."},
        {"kind": None, "segment": None, "text": "Open with the reason."},
    ]
    text = shown(told(300, old=PROFILE, new=PROFILE, plays=plays))
    assert "Plays for saas alone: do they still hold? hand_raise, Enterprise: Answer today." in text
    assert "any reason to call: Open with the reason." in text
