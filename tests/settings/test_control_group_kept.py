"""Whom a worker's lists leave out: by its routes file, and by the draws that were in force before."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, cast

import pytest

from signal_engine.adapters.memory.controls import MemoryControls
from signal_engine.adapters.memory.server import MemoryServer
from signal_engine.core.delivery.holdback import Holdback
from signal_engine.engine.ports.controls import CONTROL_GROUP
from signal_engine.engine.ports.event_log import LogEvent
from signal_engine.entrypoints.wiring.delivery.control_group import lists_leave_out
from signal_engine.wire.storage.in_force import encode_group

SINCE = date(2026, 1, 5)
ROUTES = """\
version: 1
{}
destinations:
  ops: {{webhook: {{url_file: /u, secret_file: /s}}}}
routes:
  - {{when: {{audience: triage}}, to: [ops]}}
  - {{to: [ops], now: always}}
"""
DRAW = "holdback: {share: 10%, since: 2026-01-05, salt: spring}"


class Said:
    def __init__(self) -> None:
        self.events: list[LogEvent] = []

    def write(self, event: LogEvent) -> None:
        self.events.append(event)


async def by_file(controls: MemoryControls, folder: Path, monkeypatch: pytest.MonkeyPatch, holdback: str) -> Any:
    """The group by a routes file with this `holdback`, as a worker writes it down; and the log."""
    (folder / "routes.yaml").write_text(ROUTES.format(holdback))
    monkeypatch.setenv("SIGNAL_ENGINE_ROUTES", str(folder / "routes.yaml"))
    said = Said()
    group = await lists_leave_out(controls, cast("Any", said))
    assert await controls.replace(CONTROL_GROUP, await controls.read(CONTROL_GROUP), encode_group(group))
    return group, [str(event.facts["warning"]) for event in said.events]


async def test_a_draw_taken_out_of_the_file_stays_known_and_each_start_says_what_to_put_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    controls = MemoryControls(MemoryServer())
    drawn, warnings = await by_file(controls, tmp_path, monkeypatch, DRAW)
    assert (drawn.draws, warnings) == ((Holdback(0.1, SINCE, None, "spring"),), [])
    for _ in range(2):
        kept, warnings = await by_file(controls, tmp_path, monkeypatch, "")
        yesterday = datetime.now(UTC).date() - timedelta(days=1)
        assert kept.draws == (Holdback(0.1, SINCE, yesterday, "spring"),)
        (warning,) = warnings
        assert f"put {{share: 10%, since: 2026-01-05, until: {yesterday}, salt: 'spring'}} back" in warning
    again, warnings = await by_file(controls, tmp_path, monkeypatch, DRAW)
    assert (again, warnings) == (drawn, [])


@pytest.mark.parametrize("share", ["0.1%", "0.7%", "7%", "10%", "33.3%", "50%"])
async def test_what_the_log_says_to_put_back_is_the_lost_draw(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, share: str
) -> None:
    controls = MemoryControls(MemoryServer())
    await by_file(controls, tmp_path, monkeypatch, f"""holdback: {{share: {share}, salt: "it's # one"}}""")
    kept, (warning,) = await by_file(controls, tmp_path, monkeypatch, "")
    put_back = warning.partition("put ")[2].removesuffix(" back")
    assert await by_file(controls, tmp_path, monkeypatch, f"holdback: {put_back}") == (kept, [])


async def test_a_file_that_cannot_be_read_changes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    controls = MemoryControls(MemoryServer())
    drawn, _ = await by_file(controls, tmp_path, monkeypatch, DRAW)
    group, (warning,) = await by_file(controls, tmp_path, monkeypatch, "holdback: {share: 90%, since: 2026-01-05}")
    assert group == drawn
    assert warning.startswith("the control group stays as it was")
