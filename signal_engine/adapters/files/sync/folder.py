"""The folder of a sink: each file is there as a whole or not at all, and is written only when it is another one."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from signal_engine.adapters.files.text_files import UnreadableInput, reason
from signal_engine.adapters.files.written_whole import written_whole
from signal_engine.core.fit.icp import Fit
from signal_engine.engine.sync.sink import SinkTrouble
from signal_engine.wire.output.models import Entry
from signal_engine.wire.sync.tables import selection_csv

_INSTALL: Final = "pip install '.[parquet]' writes Parquet"
ListTable = Callable[[list[Entry]], str]


class SyncFolder:
    """`engine.sync.files.Folder`."""

    def __init__(self, path: str, list_table: ListTable) -> None:
        """`list_table` makes the CSV of a list."""
        self._root = Path(path)
        self._list_table = list_table

    async def put(self, path: str, text: str) -> bool:
        """See `Folder`."""
        return await asyncio.to_thread(self._put, path, text.encode())

    async def put_list(self, path: str, entries: list[Entry]) -> bool:
        """See `Folder`."""
        return await self.put(path, self._list_table(entries))

    async def put_selection(self, path: str, fits: Sequence[Fit]) -> bool:
        """See `Folder`."""
        return await self.put(path, selection_csv(fits))

    async def put_scores(self, path: str, scores: Mapping[str, float]) -> bool:
        """See `Folder`."""
        return await asyncio.to_thread(self._put_scores, path, scores)

    def _put(self, path: str, content: bytes) -> bool:
        place = self._root / path
        try:
            if not self._root.is_dir():
                raise SinkTrouble(f"there is no folder {self._root}")
            if place.is_file() and place.stat().st_size == len(content) and place.read_bytes() == content:
                return False
            place.parent.mkdir(parents=True, exist_ok=True)
            with written_whole(place) as file:
                file.write(content)
        except OSError as error:
            raise SinkTrouble(f"{place}: cannot be written: {reason(error)}") from None
        return True

    def _put_scores(self, path: str, scores: Mapping[str, float]) -> bool:
        try:
            return self._put(path, _parquet_of(scores))
        except UnreadableInput as error:
            raise SinkTrouble(str(error)) from None


def _parquet_of(scores: Mapping[str, float]) -> bytes:
    """Account and score as Parquet, by account. Raises `UnreadableInput` where the extra is missing."""
    try:
        import duckdb  # noqa: PLC0415 (an extra)
    except ImportError:
        raise UnreadableInput(_INSTALL) from None
    with TemporaryDirectory() as folder, duckdb.connect(":memory:", config={"threads": 1}) as connection:
        rows = sorted(scores.items())
        connection.execute("CREATE TABLE scores (account_id VARCHAR, score DOUBLE)")
        columns = [[account for account, _ in rows], [score for _, score in rows]]
        connection.execute("INSERT INTO scores SELECT unnest(?), unnest(?)", columns)
        written = Path(folder) / "scores.parquet"
        connection.execute(f"COPY scores TO '{written}' (FORMAT parquet)")
        return written.read_bytes()
