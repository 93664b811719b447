"""Two rules about names: what only its own file uses begins with an underscore, and no two classes share a name.

    python tools/names.py    # prints file, line and name of each breach; exit code 1 if there is one

The first holds for classes, functions, type aliases and constants at the top of a module of the package. One is used
elsewhere if another file of the repository (tests, benchmarks and tools count) imports it or reads it as an attribute
of its module. Without that it may be public as the type of something public (a parameter, a result, a field), as a
click command, or as one of `EXCEPTIONS`.
"""

import ast
import re
import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[1]
PACKAGE = "signal_engine"
BESIDE = ("tests", "testing", "faults", "bench", "tools")
EXCEPTIONS = {
    "signal_engine.simulation.news": "stories call deeds by name",
    "signal_engine.simulation.visits": "stories call deeds by name",
    "signal_engine.wire.events.models": "models of the published schemas",
    "signal_engine.wire.output.api_documents": "names of the OpenAPI document",
    "signal_engine.wire.output.operations.ingest": "names of the OpenAPI document of `ingest`",
    "signal_engine.simulation.__main__.main": "run by `python -m`",
    "signal_engine.embedded_servers.supervise.main": "run by `python -m`",
    "signal_engine.adapters.faust.consumer_thread.BeyondTheEnd": "a caller may catch it",
    "signal_engine.adapters.faust.worker.InstanceReplaced": "a caller may catch it",
    "signal_engine.adapters.http.server.CannotListen": "drawn in the tree of core/errors.py",
    "signal_engine.adapters.kafka.connecting.connection.UnusableCertificates": "drawn in the tree of core/errors.py",
    "signal_engine.entrypoints.commands.intake.import_run.NothingImported": "drawn in the tree of core/errors.py",
    "signal_engine.entrypoints.commands.intake.mapping.EveryRowRefused": "drawn in the tree of core/errors.py",
    "signal_engine.entrypoints.commands.intake.score.NothingToScore": "drawn in the tree of core/errors.py",
    "signal_engine.entrypoints.commands.validation.run.NothingToValidate": "drawn in the tree of core/errors.py",
    "signal_engine.engine.validation.known_then.WonAreDisqualified": "drawn in the tree of core/errors.py",
}
"""Module, or one name of it -> why it may be public though nobody else uses it."""
SAME_NAMES = {"Alert", "Evidence", "Person", "Signal"}
"""Values of the core whose documents (`wire.output.models`) bear the same names in the published schemas."""


class Defined(NamedTuple):
    """A name at the top of a module."""

    module: str
    name: str
    line: int


def unshared(sources: Mapping[str, str], beside: Mapping[str, str]) -> list[Defined]:
    """Public names of `sources` (module -> text) that neither another of them nor one of `beside` uses."""
    trees = {module: ast.parse(text) for module, text in sources.items()}
    uses = {module: _used(tree) for module, tree in trees.items()}
    users = Counter(name for names in uses.values() for name in names)
    found = []
    for module, tree in trees.items():
        spoken = _words_of_the_interface(tree)
        for name, line in _public_names(tree):
            full = f"{module}.{name}"
            if users[full] == (full in uses[module]) and name not in spoken:
                found.append(Defined(module, name, line))
    words = re.compile("|".join(rf"\b{one.name}\b" for one in found) or "(?!)")
    others = {name for text in beside.values() if words.search(text) for name in _used(ast.parse(text))}
    return [one for one in found if f"{one.module}.{one.name}" not in others]


def repeated(sources: Mapping[str, str]) -> list[Defined]:
    """Classes of `sources` whose name another class has, too; an underscore makes no difference."""
    classes = [
        Defined(module, made[1], text.count("\n", 0, made.start()) + 1)
        for module, text in sources.items()
        for made in re.finditer(r"^ *class (\w+)", text, re.MULTILINE)
    ]
    count = Counter(one.name.lstrip("_") for one in classes)
    return [one for one in classes if count[one.name.lstrip("_")] > 1]


def breaches() -> list[str]:
    """A line for each breach in this repository."""
    package, beside = _sources(PACKAGE), {name: text for folder in BESIDE for name, text in _sources(folder).items()}
    return [
        *(
            f"{one.module}:{one.line}: only this file uses {one.name}: begin it with an underscore"
            for one in unshared(package, beside)
            if one.module not in EXCEPTIONS and f"{one.module}.{one.name}" not in EXCEPTIONS
        ),
        *(
            f"{one.module}:{one.line}: another class is called {one.name.lstrip('_')}, too"
            for one in repeated(package)
            if one.name not in SAME_NAMES
        ),
    ]


def _sources(folder: str) -> dict[str, str]:
    """Module -> text."""
    return {_module(path): path.read_text("utf-8") for path in sorted((ROOT / folder).rglob("*.py"))}


def _module(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def _public_names(tree: ast.Module) -> Iterator[tuple[str, int]]:
    for node in tree.body:
        if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            names = [] if any(map(_is_click, node.decorator_list)) else [node.name]
        elif isinstance(node, ast.Assign):
            targets = [one for target in node.targets for one in getattr(target, "elts", [target])]
            names = [one.id for one in targets if isinstance(one, ast.Name)]
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            names = [node.target.id]
        else:
            names = []
        yield from ((name, node.lineno) for name in names if not name.startswith("_"))


def _is_click(decorator: ast.expr) -> bool:
    called = decorator.func if isinstance(decorator, ast.Call) else decorator
    return isinstance(called, ast.Attribute) and called.attr in {"command", "group"}


def _used(tree: ast.Module) -> set[str]:
    """Full names of what a file imports, reads from imported modules, or names as a whole in a string."""
    imported: dict[str, str] = {}
    used: set[str] = set()
    attributes: list[ast.Attribute] = []
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module:
            imported.update({one.asname or one.name: f"{node.module}.{one.name}" for one in node.names})
        elif isinstance(node, ast.Import):
            imported.update({one.asname: one.name for one in node.names if one.asname})
        elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            attributes.append(node)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value.startswith(PACKAGE):
            used.add(node.value.replace(":", "."))
    used.update(imported.values())
    used.update(f"{imported[one.value.id]}.{one.attr}" for one in attributes if one.value.id in imported)  # type: ignore[attr-defined]
    return used


def _words_of_the_interface(tree: ast.Module) -> set[str]:
    """Names in bases and annotations of what is public: types of parameters, results and fields."""
    spoken: list[ast.expr] = []

    def listen(body: list[ast.stmt]) -> None:
        for node in body:
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                spoken.extend(node.bases)
                listen(node.body)
            elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                if not node.name.startswith("_") or node.name == "__init__":
                    parameters = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
                    spoken.extend(one.annotation for one in parameters if one.annotation)
                    spoken.extend([node.returns] if node.returns else [])
            elif isinstance(node, ast.AnnAssign):
                spoken.append(node.annotation)

    listen(tree.body)
    return {word.id for one in spoken for word in ast.walk(one) if isinstance(word, ast.Name)}


if __name__ == "__main__":
    found = breaches()
    print("\n".join(found))
    sys.exit(bool(found))
