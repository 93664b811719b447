"""The settings reference, `docs/settings.md`, from the settings themselves."""

from pydantic import SecretStr

from signal_engine.entrypoints.wiring.settings import FIELDS, SECRETS, Settings
from signal_engine.entrypoints.wiring.settings_sources import variable

_HEAD = """\
# Settings

Written by `signal-engine config reference`; do not edit.

Settings are environment variables. What the environment does not say is taken from the file `.env` in the current
directory (`NAME=VALUE` a line, `#` comments, taken as it stands: a `$` is a `$`), else it has its default. An empty
variable counts as one that is not set.

A secret may also be in a file of its own: `NAME_FILE` names the file, in the environment or in `.env`; the line end
at its end does not count. `NAME` and `NAME_FILE` in the same place are refused.

`signal-engine config show` tells what is in force and where it came from, passwords masked. A setting that is refused
is named, with its line when it stands in `.env`; the exit code is 2.

| variable | default | |
|---|---|---|
"""


def settings_reference() -> str:
    """The whole file."""
    return _HEAD + "".join(f"| `{variable(field)}` | {_default(field)} | {_meaning(field)} |\n" for field in FIELDS)


def _default(field: str) -> str:
    default = Settings.model_fields[field].default
    text = default.get_secret_value() if isinstance(default, SecretStr) else str(default)
    return f"`{text}`" if text else "empty"


def _meaning(field: str) -> str:
    secret = f" Secret; also as `{variable(field)}_FILE`." if field in SECRETS else ""
    return f"{Settings.model_fields[field].description}{secret}"
