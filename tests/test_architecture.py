"""The house stands as the package docstring says: imports point inwards, the core is pure, no room is too large."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "signal_engine"
LAYERS = ("core", "wire", "engine", "adapters", "embedded_servers", "simulation", "entrypoints")
CORE_MAY_IMPORT = {"xxhash"}
FILES = sorted(PACKAGE.rglob("*.py"))
BESIDE = sorted(
    path for beside in ("tests", "testing", "faults", "bench", "tools") for path in (ROOT / beside).rglob("*.py")
)
"""What is no part of the package."""
MOST_LINES = 300
MOST_FILES = 15
FOLDERS = sorted({path.parent for path in [*FILES, *BESIDE]})
ROOMS = sorted({path.parent for path in FILES})
"""Those of the package."""


def imported(path: Path) -> set[str]:
    """Every module that a file imports, by its full name."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative imports hide the layer"
            names.add(node.module or "")
    return names


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_imports_point_inwards_only(path: Path) -> None:
    parts = path.relative_to(PACKAGE).parts
    if parts == ("__main__.py",):
        assert imported(path) == {"signal_engine.entrypoints.cli"}
        return
    if len(parts) == 1:
        assert not {name for name in imported(path) if name.startswith("signal_engine.")}
        return
    inwards = LAYERS[: LAYERS.index(parts[0]) + 1]
    outwards = {
        name
        for name in imported(path)
        if name.startswith("signal_engine.") and not name.removeprefix("signal_engine.").startswith(inwards)
    }
    assert not outwards, f"{path.name} reaches outwards: {outwards}"


@pytest.mark.parametrize(
    "path", sorted((PACKAGE / "core").rglob("*.py")), ids=lambda path: str(path.relative_to(PACKAGE))
)
def test_the_core_imports_nothing_that_touches_the_outside(path: Path) -> None:
    allowed = {
        "array", "bisect", "collections.abc", "dataclasses", "datetime", "enum", "functools", "heapq", "math", "re",
        "typing", "unicodedata", "uuid",
        *CORE_MAY_IMPORT,
    }  # fmt: skip
    foreign = {name for name in imported(path) if not name.startswith("signal_engine.core")} - allowed
    assert not foreign


@pytest.mark.parametrize(
    "path", sorted((PACKAGE / "core").rglob("*.py")), ids=lambda path: str(path.relative_to(PACKAGE))
)
def test_the_core_neither_awaits_nor_prints_nor_opens_nor_asks_a_clock(path: Path) -> None:
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        assert not isinstance(node, ast.AsyncFunctionDef | ast.Await | ast.Global)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            assert node.func.id not in {"print", "open", "input", "exec", "eval"}
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            is_datetime = isinstance(node.func.value, ast.Name) and node.func.value.id in {"datetime", "date"}
            assert not is_datetime or node.func.attr not in {"now", "today", "utcnow"}, "the core knows no clock"


@pytest.mark.parametrize("path", sorted((ROOT / "testing").rglob("*.py")), ids=lambda path: str(path.relative_to(ROOT)))
def test_the_driver_of_tests_does_not_know_the_package(path: Path) -> None:
    known = {name for name in imported(path) if name.partition(".")[0] in {"signal_engine", "tests", "faults", "bench"}}
    assert not known


def test_import_linter_agrees() -> None:
    """The same rules, transitively: what the core's imports import counts, too."""
    lint = subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--no-cache"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert lint.returncode == 0, lint.stdout


@pytest.mark.parametrize("path", [*FILES, *BESIDE], ids=lambda path: str(path.relative_to(ROOT)))
def test_no_file_is_too_long_to_find_ones_way_in(path: Path) -> None:
    assert len(path.read_text("utf-8").splitlines()) <= MOST_LINES


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: str(folder.relative_to(ROOT)))
def test_no_folder_holds_too_much_to_be_looked_over(folder: Path) -> None:
    assert len(list(folder.glob("*.py"))) <= MOST_FILES


@pytest.mark.parametrize("layer", ["core", "wire", "engine"])
def test_the_tour_of_a_layer_and_the_map_for_contributors_name_every_room(layer: str) -> None:
    rooms = {path.parent.name for path in (PACKAGE / layer).glob("*/__init__.py")}
    tour = ast.get_docstring(ast.parse((PACKAGE / layer / "__init__.py").read_text("utf-8"))) or ""
    assert {room for room in rooms if not re.search(rf"^ {{4}}{room}\b", tour, re.MULTILINE)} == set()
    contributing = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
    assert {room for room in rooms if f"`{layer}/{room}`" not in contributing} == set()


@pytest.mark.parametrize("folder", ROOMS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_folder_says_what_it_is_for_and_what_it_imports(folder: Path) -> None:
    result = ast.get_docstring(ast.parse((folder / "__init__.py").read_text("utf-8"))) or ""
    assert len(result.split()) > 10
    assert "import" in result.lower()


@pytest.mark.parametrize(
    "folder",
    [room for room in ROOMS if room.parent in {PACKAGE / "core", PACKAGE / "engine"}],
    ids=lambda path: str(path.relative_to(PACKAGE)),
)
def test_a_room_says_which_of_its_neighbours_it_imports(folder: Path) -> None:
    """`Imports rooms nearer ...` and `May import the other rooms` name none: import-linter has their order."""
    said = (ast.get_docstring(ast.parse((folder / "__init__.py").read_text("utf-8"))) or "").split("mport", 1)[1]
    if "other rooms" in said or "rooms nearer" in said:
        return
    container = f"signal_engine.{folder.parent.name}."
    rooms = {room.name for room in folder.parent.iterdir() if room.is_dir()} - {folder.name}
    used = {
        name.removeprefix(container).partition(".")[0]
        for path in folder.rglob("*.py")
        for name in imported(path)
        if name.startswith(container)
    }
    assert used & rooms <= set(re.findall(r"\w+", said))


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_modules_that_docstrings_and_comments_name_exist(path: Path) -> None:
    for name in re.findall(rf"`((?:{'|'.join(LAYERS)})(?:\.[a-z_]+)+)", path.read_text("utf-8")):
        module = PACKAGE.joinpath(*name.split("."))
        there = module.is_dir() or module.with_suffix(".py").is_file() or module.parent.with_suffix(".py").is_file()
        assert there, f"{name} is nowhere"


def test_the_package_docstring_names_only_modules_that_exist() -> None:
    docstring = ast.get_docstring(ast.parse((PACKAGE / "__init__.py").read_text("utf-8"))) or ""
    named = {word.strip(".,:") for word in docstring.split() if word.startswith(tuple(f"{layer}." for layer in LAYERS))}
    assert len(named) > 8
    for name in named:
        path = PACKAGE.joinpath(*name.split("."))
        inside = PACKAGE.joinpath(*name.split(".")[:-1]).with_suffix(".py")
        assert path.is_dir() or path.with_suffix(".py").is_file() or inside.is_file(), name
