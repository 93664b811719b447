"""The mappings that ship, by name: presets, and recipes, which nobody has held against the real thing yet."""

from functools import cache
from importlib.resources import files
from typing import Final

from signal_engine.wire.config.yaml_files import ConfigurationError
from signal_engine.wire.intake.mapping import Mapping
from signal_engine.wire.intake.mapping_file import parse

_SUFFIX: Final = ".yaml"


@cache
def preset_names() -> tuple[str, ...]:
    """In alphabetical order; exports are recognised by these alone."""
    return _names("presets")


@cache
def recipe_names() -> tuple[str, ...]:
    """In alphabetical order. A recipe is used only by whoever names it."""
    return _names("recipes")


def preset_text(name: str) -> bytes:
    """The file of a preset or recipe. Raises `ConfigurationError` where there is none of this name."""
    if name not in (*preset_names(), *recipe_names()):
        there = ", ".join((*preset_names(), *recipe_names()))
        raise ConfigurationError([f"there is no mapping {name!r}; there are {there}"])
    folder = "presets" if name in preset_names() else "recipes"
    return files("signal_engine.wire.intake").joinpath(folder, name + _SUFFIX).read_bytes()


def _names(folder: str) -> tuple[str, ...]:
    there = files("signal_engine.wire.intake").joinpath(folder).iterdir()
    return tuple(sorted(f.name.removesuffix(_SUFFIX) for f in there if f.name.endswith(_SUFFIX)))


@cache
def preset(name: str) -> Mapping:
    """Raises `ConfigurationError` where there is none of this name."""
    return parse(name + _SUFFIX, preset_text(name))
