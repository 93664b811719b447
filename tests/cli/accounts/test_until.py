"""Until when an account action holds: as people type it."""

import click
import pytest

from signal_engine.core.rules.instants import days
from signal_engine.entrypoints.commands.actions import asking
from signal_engine.wire.instants import format_instant, parse_instant

_NOW = parse_instant("2026-12-01T10:00:00Z")


def read(typed: str) -> str:
    @click.command()
    @asking.until_option("When.", required=True)
    def command(until: int) -> int:
        return until

    return format_instant(command.main(["--until", typed], standalone_mode=False))


@pytest.mark.parametrize(
    ("typed", "means"),
    [
        ("2026-12-15T09:30:00+01:00", "2026-12-15T08:30:00Z"),
        ("2026-12-15", "2026-12-15T00:00:00Z"),
        ("2028-02-29", "2028-02-29T00:00:00Z"),
        ("14d", format_instant(_NOW + days(14))),
    ],
)
def test_an_instant_a_date_or_days_are_read(typed: str, means: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asking, "clock", lambda: _NOW)
    assert read(typed) == means


@pytest.mark.parametrize("typed", ["2026-02-30", "2026-13-01", "15.12.2026", "0d", "14", "tomorrow", ""])
def test_what_is_none_of_them_is_refused_and_shown_as_it_was_typed(typed: str) -> None:
    with pytest.raises(click.BadParameter) as refused:
        read(typed)
    assert refused.value.message.startswith(repr(typed))
