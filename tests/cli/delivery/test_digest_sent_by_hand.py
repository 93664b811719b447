"""`digest --send`: whom it sends theirs."""

import asyncio
from datetime import date
from typing import Any, cast

import pytest

from signal_engine.engine.digests.sending import DigestEnd
from signal_engine.entrypoints.commands.delivery import digest as command
from signal_engine.entrypoints.commands.delivery.digest_sending import DigestWay
from signal_engine.entrypoints.wiring.settings import Settings
from tests.core.delivery.scene import DAILY
from tests.engine.digests.scene import BO, WEST

NOBODY = cast("Any", None)
WAY = DigestWay("mail", DAILY, NOBODY, NOBODY)


async def test_whoever_has_left_is_sent_nothing(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    sent = []

    async def send_digest(_: Any, way: DigestWay, member: Any, due: int) -> DigestEnd:
        await asyncio.sleep(0)
        sent.append(member.name)
        return DigestEnd("sent", "taken")

    async def nothing(*_: Any) -> None:
        await asyncio.sleep(0)

    monkeypatch.setattr(command, "send_digest", send_digest)
    for name in ("restore_stopped", "begin_record"):
        monkeypatch.setattr(command, name, nothing)
    gone = BO._replace(leaves=date(2020, 1, 1))
    await command._send(Settings(), [WAY], [WEST, gone], yes=True)
    assert sent == [WEST.name]
    said = capsys.readouterr()
    assert said.err == "note: Bo Lind has left, and is sent nothing\n"
    assert said.out == "SDR West, mail: sent (taken)\n"
    await command._send(Settings(), [WAY], [gone], yes=False)
    assert sent == [WEST.name]
