"""`digest --send`: whom it sends theirs."""

import asyncio
from datetime import date
from typing import Any, cast

import pytest

from signal_engine.engine.digests.sending import DigestEnd
from signal_engine.entrypoints.commands.delivery import digest as command
from signal_engine.entrypoints.commands.delivery.digest_sending import DigestWay
from signal_engine.entrypoints.wiring.settings import Settings
from signal_engine.wire.storage.documents import UnreadableDocument
from tests.core.delivery.scene import DAILY
from tests.engine.digests.scene import BO, WEST

CY = WEST._replace(name="Cy Hall", email="cy@example.com")
NOBODY = cast("Any", None)
WAY = DigestWay("mail", DAILY, NOBODY, NOBODY)


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The people who were sent theirs; of Cy Hall nothing can be read."""
    found: list[str] = []

    async def send_digest(_: Any, way: DigestWay, member: Any, due: int) -> DigestEnd:
        await asyncio.sleep(0)
        if member.name == CY.name:
            raise UnreadableDocument("the row of a digest", KeyError("v"))
        found.append(member.name)
        return DigestEnd("sent", "taken")

    async def nothing(*_: Any) -> None:
        await asyncio.sleep(0)

    monkeypatch.setattr(command, "send_digest", send_digest)
    for name in ("restore_stopped", "begin_record"):
        monkeypatch.setattr(command, name, nothing)
    return found


async def test_whoever_has_left_is_sent_nothing(sent: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    gone = BO._replace(leaves=date(2020, 1, 1))
    await command._send(Settings(), [WAY], [WEST, gone], yes=True)
    assert sent == [WEST.name]
    said = capsys.readouterr()
    assert said.err == "note: Bo Lind has left, and is sent nothing\n"
    assert said.out == "SDR West, mail: sent (taken)\n"
    await command._send(Settings(), [WAY], [gone], yes=False)
    assert sent == [WEST.name]


async def test_one_that_cannot_be_made_keeps_nobody_else_from_theirs(
    sent: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    """Whoever came before it would get a second one from whoever tries again."""
    with pytest.raises(SystemExit) as ended:
        await command._send(Settings(), [WAY], [WEST, CY, BO], yes=True)
    assert (ended.value.code, sent) == (1, [WEST.name, BO.name])
    assert "Cy Hall, mail: failed (the row of a digest in the store cannot be read" in capsys.readouterr().out
