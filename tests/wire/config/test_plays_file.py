"""The plays file: what is in it, what is wrong with it and where, and the one that ships."""

from pathlib import Path

import pytest

from signal_engine.core.alerting.plays import OCCASIONS, Play
from signal_engine.wire.config import plays_file
from signal_engine.wire.config.yaml_files import ConfigurationError

SHIPPED = Path("config/plays.yaml")


def parse(text: str) -> tuple[Play, ...]:
    return plays_file.parse("plays.yaml", text.encode())[0]


def test_plays_come_in_the_order_of_the_file_each_on_one_line() -> None:
    text = (
        "version: 1\nplays:\n- {icp: saas, segment: SMB, kind: hiring, text: Call.}\n- text: >\n    Wait\n    a day.\n"
    )
    assert parse(text) == (Play("Call.", "saas", "SMB", "hiring"), Play("Wait a day."))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("version: 2\nplays: []\n", "plays.yaml:1: version: "),
        ("version: 1\n", "plays.yaml:1: plays: is required"),
        ("version: 1\nplays:\n- {kind: webinar, text: x}\n", "plays.yaml:3: plays.0.kind: must be one of hand_raise, "),
        ("version: 1\nplays:\n- {kind: hiring}\n", "plays.yaml:3: plays.0.text: is required"),
        ("version: 1\nplays:\n- {text: ' '}\n", "plays.yaml:3: plays.0.text: must not be empty"),
        ("version: 1\nplays:\n- {text: 7}\n", "plays.yaml:3: plays.0.text: "),
        ("version: 1\nplays:\n- {text: x, tier: A}\n", "plays.yaml:3: plays.0.tier: is not a known field"),
        (f"version: 1\nplays:\n- {{text: {'x' * 401}}}\n", "plays.yaml:3: plays.0.text: must have at most 400"),
        (
            "version: 1\nplays:\n- {segment: smb, text: x}\n- {segment: SMB, kind: hiring, text: y}\n",
            "plays.yaml:4: plays.1: is never taken: plays.0 comes first in all of its cases",
        ),
    ],
)
def test_what_is_wrong_is_said_with_file_line_and_field(text: str, said: str) -> None:
    with pytest.raises(ConfigurationError) as refused:
        parse(text)
    assert refused.value.lines[0].startswith(said), refused.value.lines


def test_plays_for_profiles_that_there_are_not_are_named_with_their_lines() -> None:
    plays, document = plays_file.parse("p", b"version: 1\nplays:\n- {icp: sass, text: x}\n- {icp: saas, text: y}\n")
    assert plays_file.unknown_icps(plays, document, ["saas", "fintech"]) == (
        "p:3: plays.0.icp: 'sass' is none of the ICPs: fintech, saas",
    )


def test_the_file_that_ships_says_something_for_every_occasion() -> None:
    plays, document = plays_file.parse(str(SHIPPED), SHIPPED.read_bytes())
    ids = [path.stem for path in Path("config/icp").glob("*.yaml")]
    assert plays_file.unknown_icps(plays, document, ids) == ()
    everywhere = {play.occasion for play in plays if play.icp is None and play.segment is None}
    assert everywhere == {*OCCASIONS, None}


def test_a_play_of_400_characters_is_kept_whole() -> None:
    text = ("Ask for the owner of the CRM. " * 14)[:399] + "."
    (play,), _ = plays_file.parse("plays.yaml", f"version: 1\nplays:\n  - text: {text}\n".encode())
    assert play.text == text
