"""A wire between workers and Redis that can be slow, cut, or lose the answer to what has been done already."""

import asyncio
import threading
from types import TracebackType
from typing import Final, Self

from testing.servers.process import LOOPBACK

_CHUNK_BYTES: Final = 64 * 1024


class Proxy:
    """Forwards TCP to a port of this machine, in a thread of its own. Use as a context."""

    def __init__(self, target: int) -> None:
        self._target = target
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._open: set[asyncio.StreamWriter] = set()
        self._server: asyncio.Server | None = None
        self.port = 0
        self.delay = 0.0
        """Seconds by which what passes is held up, each way."""
        self.lose_answers = 0
        """So many answers to come are lost, and the connection with each."""
        self.answers = 0
        """Pieces that went back, so that a fault can wait for traffic."""

    def __enter__(self) -> Self:
        self._thread.start()
        self._server = asyncio.run_coroutine_threadsafe(
            asyncio.start_server(self._serve, LOOPBACK, 0), self._loop
        ).result()
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        asyncio.run_coroutine_threadsafe(self._close(), self._loop).result()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(5)
        self._loop.close()

    @property
    def url(self) -> str:
        """The Redis URL of this end."""
        return f"redis://{LOOPBACK}:{self.port}/0"

    def cut(self) -> None:
        """Every connection breaks off now; new ones are taken."""
        self._loop.call_soon_threadsafe(self._cut)

    def mend(self) -> None:
        """As fast and whole as a wire can be."""
        self.delay, self.lose_answers = 0.0, 0

    async def _close(self) -> None:
        if self._server is not None:
            self._server.close()
        self._cut()
        others = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)
        await asyncio.sleep(0)  # what was broken off is closed in the loop's next round

    def _cut(self) -> None:
        for writer in list(self._open):
            writer.transport.abort()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            there, back = await asyncio.open_connection(LOOPBACK, self._target)
        except OSError:  # nobody there: as if we were not, either
            writer.transport.abort()
            return
        self._open |= {writer, back}
        try:
            async with asyncio.TaskGroup() as both:
                both.create_task(self._forward(reader, back, answers=False))
                both.create_task(self._forward(there, writer, answers=True))
        except* OSError:
            pass  # one end broke off: the other is broken off below
        finally:
            for end in (writer, back):
                self._open.discard(end)
                end.transport.abort()

    async def _forward(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, answers: bool) -> None:
        while data := await reader.read(_CHUNK_BYTES):
            if answers:
                self.answers += 1
                if self.lose_answers > 0:
                    self.lose_answers -= 1
                    break
            if self.delay:
                await asyncio.sleep(self.delay)
            writer.write(data)
            await writer.drain()
        raise ConnectionResetError  # ends the other direction, too
