"""Whether what an extra installs is there."""

from importlib.util import find_spec
from typing import Final, Literal

from signal_engine.entrypoints.wiring.options import refuse

_INSTALLS: Final = {"validation": ("numpy", "scipy"), "names": ("rapidfuzz",), "mcp": ("mcp",)}


def require_extra(command: str, extra: Literal["validation", "names", "mcp"] = "validation") -> None:
    """Exits with 2 and names the extra where a library of it is missing."""
    if missing := [name for name in _INSTALLS[extra] if find_spec(name) is None]:
        needs = f"{command} needs {' and '.join(missing)}, which the extra `{extra}` installs"
        refuse((f"{needs}: pip install '.[{extra}]'",))
