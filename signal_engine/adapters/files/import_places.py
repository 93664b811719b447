"""How far imports into Kafka have come, so that one that was interrupted goes on where it stood."""

import hashlib
import json
import os
import time
from pathlib import Path
from typing import Any, Final

from signal_engine.adapters.files.text_files import reason
from signal_engine.adapters.files.written_whole import written_whole
from signal_engine.wire.config.yaml_files import ConfigurationError

_FORMAT: Final = "signal-engine import"
_VERSION: Final = 1
_WRITE_INTERVAL_S: Final = 1.0
"""Seconds between two writes: whatever was sent since the last one is sent again, and changes nothing."""


class ImportPlace:
    """How far one import has come: its first `rows` rows are in Kafka.

    An import is known by a digest of all that decides its events, the content of the file among it; of another one the
    place is 0. Kept in a file that holds the places of one import or several; two at once in the same file may forget
    one another's, and then more is sent again.
    """

    def __init__(self, path: Path | None, work: str, name: str, now: int) -> None:
        """`path` is None where no place is kept. `now` (ms) is when this run begins. Raises `ConfigurationError`."""
        self._path = path
        self._work = work
        self._name = name
        if path is not None and not path.absolute().parent.is_dir():
            raise ConfigurationError([f"{path}: there is no folder {path.parent}"])
        kept = _read(path).get(work, {}) if path is not None else {}
        self.rows: int = kept.get("rows", 0)
        self.began: Final[int] = kept.get("began", now)
        """ms. When the first of its runs began: its rows up to the place are judged as of then."""
        self._written_at = time.monotonic()

    def reached(self, rows: int) -> None:
        """So many rows are in Kafka. Written once a second."""
        self.rows = rows
        if time.monotonic() - self._written_at >= _WRITE_INTERVAL_S:
            self.save()

    def save(self) -> None:
        """Writes the place."""
        if self._path is not None and self.rows:
            places = _read(self._path)
            places[self._work] = {"file": self._name, "rows": self.rows, "began": self.began}
            _write(self._path, places)
        self._written_at = time.monotonic()

    def done(self) -> None:
        """Forgets the place: everything is in Kafka."""
        if self._path is None or not self._path.exists():
            return
        places = _read(self._path)
        places.pop(self._work, None)
        if places:
            _write(self._path, places)
        else:
            self._path.unlink()


def place_path(name: str) -> Path:
    """Where the place of the export at path `name` is kept: beside it."""
    return Path(f"{name}.import.json")


def digest_of(path: str) -> str:
    """SHA-256 of a file, in hexadecimal."""
    with Path(path).open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _read(path: Path) -> dict[str, Any]:
    """The places by their digests. A file that is something else is somebody's: refused, and never written over."""
    try:
        document = json.loads(path.read_bytes())
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise ConfigurationError([f"{path}: cannot be read: {reason(error)}"]) from None
    except ValueError:
        document = None
    if not _is_ours(document):
        raise ConfigurationError([f"{path}: does not hold places of imports: move it, or choose another --state FILE"])
    places: dict[str, Any] = document["places"]
    return places


def _is_ours(document: Any) -> bool:
    if not isinstance(document, dict) or (document.get("format"), document.get("version")) != (_FORMAT, _VERSION):
        return False
    places = document.get("places")
    return isinstance(places, dict) and all(
        isinstance(one, dict) and type(one.get("rows")) is int and type(one.get("began")) is int
        for one in places.values()
    )


def _write(path: Path, places: dict[str, Any]) -> None:
    with written_whole(path) as file:
        file.write(json.dumps({"format": _FORMAT, "version": _VERSION, "places": places}, indent=1).encode() + b"\n")
        file.flush()
        os.fsync(file.fileno())
