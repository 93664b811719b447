"""Destinations in a routes file: each of one kind, and what is wrong with one is said where it stands."""

import pytest

from signal_engine.core.delivery.routes import DESTINATION_KINDS
from tests.wire.delivery.routes_text import ROUTES, TOP, read, refused

OURS = "  ops: {webhook: {url_file: /u, secret_file: /s}}\n"


def with_destination(text: str) -> str:
    return TOP.replace(OURS, f"  ops: {text}\n") + ROUTES


@pytest.mark.parametrize("text", ["{teams: {url_file: /f}}", "{apprise: {url_file: /f, schemes: [ntfys, tgram]}}"])
def test_teams_and_apprise_reach_everybody_who_reads_there(text: str) -> None:
    place = read(with_destination(text)).routing.destinations["ops"]
    assert (place.kind, place.personal) == (text[1:].partition(":")[0], False)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{}", f": must have exactly one of {', '.join(DESTINATION_KINDS)}"),
        ("{teams: {url_file: /f}, apprise: {url_file: /f, schemes: [ntfy]}}", ": must have exactly one of"),
        ("{teams: {}}", ".teams.url_file: is required"),
        ("{teams: {url_file: /f, channel: x}}", ".teams.channel: is not a known field"),
        ("{apprise: {url_file: /f}}", ".apprise.schemes: is required"),
        ("{apprise: {url_file: /f, schemes: []}}", ".apprise.schemes: must not be empty"),
        ("{apprise: {url_file: /f, schemes: [json]}}", ".apprise.schemes.0: must be that of one service; 'json' goes"),
        (
            "{apprise: {url_file: /f, schemes: [ntfy, syslog]}}",
            ".apprise.schemes.1: must be that of one service",
        ),
        ("{apprise: {url_file: /f, schemes: ['ntfy://']}}", ".apprise.schemes.0: must be what an Apprise URL begins"),
    ],
)
def test_what_is_wrong_with_a_destination_is_said_with_line_and_field(text: str, said: str) -> None:
    lines = refused(with_destination(text))
    assert any(line.startswith(f"routes.yaml:8: destinations.ops{said}") for line in lines), lines
