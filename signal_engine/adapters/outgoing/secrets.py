"""Secrets from files, read anew for every message, so that one can be replaced while a process runs."""

from pathlib import Path

from signal_engine.adapters.files.text_files import reason
from signal_engine.adapters.outgoing.webhook import standard_key
from signal_engine.wire.config.yaml_files import ConfigurationError


def secrets(where: str, path: str) -> list[str]:
    """The lines of the file of secrets that the field `where` names, at least one.

    Raises `ConfigurationError`, which never quotes them.
    """
    try:
        text = Path(path).read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        why = reason(error) if isinstance(error, OSError) else "is not UTF-8"
        raise ConfigurationError([f"{where}: {path}: cannot be read: {why}"]) from None
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    if not lines:
        raise ConfigurationError([f"{where}: {path}: holds no secret"])
    return lines


def signing_keys(where: str, path: str) -> list[bytes]:
    """The keys of a file of Standard Webhooks secrets. Raises `ConfigurationError`, which never quotes them."""
    try:
        return [standard_key(secret) for secret in secrets(where, path)]
    except ValueError as error:
        raise ConfigurationError([f"{where}: {path}: {error}"]) from None
