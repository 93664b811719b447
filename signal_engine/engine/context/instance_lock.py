"""The name of a worker, held by one process at a time: the newest.

Kafka has static members, but aiokafka cannot tell a name that another process uses from an expired session: both
processes would rejoin and take the name from each other for ever. So the name is also stored where all workers look.
"""

from dataclasses import dataclass

from signal_engine.core.errors import WRONG_USE, SignalEngineError
from signal_engine.engine.ports.controls import Controls, DocumentName, instance_lock


class NameTaken(SignalEngineError):
    """A worker that started later uses this worker's name."""

    exit_code = WRONG_USE

    def __init__(self, name: str) -> None:
        super().__init__(f"another worker with the name {name} (SIGNAL_ENGINE_INSTANCE) has taken over")


@dataclass(frozen=True, slots=True)
class InstanceLock:
    """The name of this process; `token` is unique per process."""

    controls: Controls
    """Retried."""
    name: str
    token: bytes

    async def claim(self) -> None:
        """Take the name over from its present holder."""
        while not await self._replace(await self._read()):
            pass

    async def check(self) -> None:
        """Raise `NameTaken` if another process has claimed the name; claim it again if the store has lost it."""
        owner = await self._read()
        if owner is None:
            await self._replace(None)
        elif owner != self.token:
            raise NameTaken(self.name)

    async def _read(self) -> bytes | None:
        return await self.controls.read(self._document)

    async def _replace(self, owner: bytes | None) -> bool:
        return await self.controls.replace(self._document, owner, self.token)

    @property
    def _document(self) -> DocumentName:
        return instance_lock(self.name)
