"""The mappings that ship, by name."""

from functools import cache
from importlib.resources import files
from typing import Final

from signal_engine.wire.config.yaml_files import ConfigurationError
from signal_engine.wire.intake.mapping import Mapping
from signal_engine.wire.intake.mapping_file import parse

_SUFFIX: Final = ".yaml"


@cache
def preset_names() -> tuple[str, ...]:
    """In alphabetical order."""
    folder = files("signal_engine.wire.intake").joinpath("presets")
    return tuple(sorted(f.name.removesuffix(_SUFFIX) for f in folder.iterdir() if f.name.endswith(_SUFFIX)))


def preset_text(name: str) -> bytes:
    """The file as it ships. Raises `ConfigurationError` where there is none of this name."""
    if name not in preset_names():
        raise ConfigurationError([f"there is no mapping {name!r}; there are {', '.join(preset_names())}"])
    return files("signal_engine.wire.intake").joinpath("presets", name + _SUFFIX).read_bytes()


@cache
def preset(name: str) -> Mapping:
    """Raises `ConfigurationError` where there is none of this name."""
    return parse(name + _SUFFIX, preset_text(name))
