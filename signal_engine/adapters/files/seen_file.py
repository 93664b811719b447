"""The file that keeps what state feeds showed last: one record per line, as in the topic `feeds.seen`."""

import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

import orjson

from signal_engine.adapters.files.text_files import reason
from signal_engine.adapters.files.written_whole import written_whole
from signal_engine.wire.config.yaml_files import ConfigurationError
from signal_engine.wire.intake.seen_records import SeenRecord, seen_record

_FIRST_LINE: Final = {"format": "signal-engine feeds.seen", "version": 1}


def read_seen_file(path: Path) -> list[SeenRecord]:
    """What the file at `path` keeps; nothing if there is none yet.

    Raises `ConfigurationError`: a file that holds something else is somebody's, and is never written over.
    """
    if not path.absolute().parent.is_dir():
        raise ConfigurationError([f"{path}: there is no folder {path.parent}"])
    try:
        lines = path.read_bytes().splitlines()
    except FileNotFoundError:
        return []
    except OSError as error:
        raise ConfigurationError([f"{path}: cannot be read: {reason(error)}"]) from None
    return [*_records(path, lines)]


def write_seen_file(path: Path, records: Iterable[SeenRecord]) -> None:
    """Puts `records` in the place of what the file keeps, at once and on the disk."""
    with written_whole(path) as file:
        file.write(orjson.dumps(_FIRST_LINE) + b"\n")
        for one in records:
            file.write(b'{"key":%b,"value":%b}\n' % (one.key, one.value or b"null"))
        file.flush()
        os.fsync(file.fileno())


def _records(path: Path, lines: list[bytes]) -> Iterator[SeenRecord]:
    if not lines or _document(lines[0]) != _FIRST_LINE:
        raise ConfigurationError(
            [f"{path}:1: does not keep what state feeds showed: move it, or choose another --state FILE"]
        )
    for number, line in enumerate(lines[1:], 2):
        document = _document(line)
        try:
            found = document if isinstance(document, dict) else {}
            value = found.get("value")
            yield seen_record(orjson.dumps(found.get("key")), None if value is None else orjson.dumps(value))
        except ValueError as error:
            raise ConfigurationError([f"{path}:{number}: {error}"]) from None


def _document(line: bytes) -> object:
    try:
        found: object = orjson.loads(line)
    except orjson.JSONDecodeError:
        return None
    return found
