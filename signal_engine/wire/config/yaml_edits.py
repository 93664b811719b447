"""Change numbers of a YAML file where they stand, so that everything else of it stays as a person wrote it."""

from collections.abc import Iterable
from typing import Any, NamedTuple

from ruamel.yaml import YAML

from signal_engine.wire.config.yaml_files import ConfigurationError, Path


class NumberEdit(NamedTuple):
    """Another number at a path."""

    path: Path
    number: float
    comment: str
    """Of one line; it is written above the number's line. Empty: none."""


def edited(name: str, text: str, edits: Iterable[NumberEdit]) -> str:
    """`text` with other numbers, each with its comment above. Raises `ConfigurationError` where a path has none."""
    root = YAML(typ="rt").compose(text)
    lines = text.split("\n")
    places = [(*_place(name, root, one.path), one) for one in edits]
    comments: dict[int, list[str]] = {}
    for line, begin, end, one in sorted(places, key=lambda place: place[:2], reverse=True):
        lines[line] = f"{lines[line][:begin]}{one.number:g}{lines[line][end:]}"
        if one.comment:
            comments.setdefault(line, []).insert(0, one.comment)
    for line in sorted(comments, reverse=True):
        indent = " " * (len(lines[line]) - len(lines[line].lstrip(" ")))
        lines[line:line] = [f"{indent}# {comment}" for comment in comments[line]]
    return "\n".join(lines)


def _place(name: str, root: Any, path: Path) -> tuple[int, int, int]:
    """Line, first and last column of the scalar at `path`, from 0."""
    node = root
    for part in path:
        node = _child(node, part)
        if node is None:
            raise ConfigurationError([f"{name}: has no {'.'.join(map(str, path))}"])
    begin, end = node.start_mark, node.end_mark
    if begin.line != end.line:
        raise ConfigurationError([f"{name}:{begin.line + 1}: {'.'.join(map(str, path))} is no number on one line"])
    return begin.line, begin.column, end.column


def _child(node: Any, part: str | int) -> Any:
    if isinstance(part, int):
        return node.value[part] if part < len(node.value) else None
    return next((value for key, value in node.value if key.value == part), None)
