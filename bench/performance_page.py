"""Puts the tables into docs/performance.md, between the marks that name them.

    python -m bench.performance_page [--json FILE]... [--write docs/performance.md]

Several JSON files are taken together, the later one's parts before the earlier one's; of `speed`, load by load. A mark
without a table in them keeps what it has. Without --write the page is printed.
"""

import argparse
import json
import re
import sys
from pathlib import Path
from typing import Any

from bench.report.tables import Table, tables

NEWLINE = "\n"
ROOT = Path(__file__).resolve().parents[1]
_BLOCK = re.compile(r"(<!-- (table|machine)(?:: ([a-z0-9-]+))? -->\n).*?(<!-- end -->)", re.DOTALL)


def filled(page: str, results: dict[str, Any]) -> str:
    """The page with every marked place filled for which there are figures."""
    made = {table.name: table for table in tables(results)}

    def fill(block: "re.Match[str]") -> str:
        begin, what, name, end = block.groups()
        if what == "machine" and "machine" in results:
            return f"{begin}{_machine(results)}\n{end}"
        if name == "speed":
            loads = [_markdown(table) for table in made.values() if table.name.startswith("speed-")]
            return f"{begin}\n{NEWLINE.join(loads)}\n{end}" if loads else block[0]
        return f"{begin}\n{_markdown(made[name])}\n{end}" if name in made else block[0]

    return _BLOCK.sub(fill, page)


def _machine(results: dict[str, Any]) -> str:
    result = results["machine"]
    servers = " and ".join(result[name] for name in ("kafka", "redis") if name in result)
    options = ", ".join(f"{name} {value:g}" for name, value in results.get("options", {}).items())
    where = f"{result['cores']} cores ({result['processor']}), {result['memory_gib']} GiB, Python {result['python']}"
    workers = "; ".join(f"`{way}`: {by}" for way, by in result.get("workers", {}).items())
    said = f" Workers: {workers}." if workers else ""
    return f"On {result['at']}: {where}; {servers} on the same cores. {options}.{said}"


def _markdown(table: Table) -> str:
    columns = table.columns
    lines = [f"**{table.title}**", ""]
    if table.rows:
        lines += [f"| {' | '.join(columns)} |", f"|---|{'---:|' * (len(columns) - 1)}"]
        lines += [f"| {' | '.join(cell.replace('|', '/') for cell in row)} |" for row in table.rows]
    if table.note:
        lines += ["", table.note] if table.rows else [table.note]
    return "\n".join([*lines, ""])


def _together(before: dict[str, Any], found: dict[str, Any]) -> dict[str, Any]:
    """What was found last first; loads that were measured in a run of their own stay."""
    speeds = [one["speed"] for one in (found, before) if isinstance(one.get("speed"), dict)]
    loads = {name: rows for speed in reversed(speeds) for name, rows in speed.items()}
    in_order = [name for speed in speeds for name in speed]
    return before | found | ({"speed": {name: loads[name] for name in in_order}} if speeds else {})


def main() -> None:
    """Reads figures, prints or writes the page."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--json", type=Path, action="append", help="default .cache/bench/*.json")
    parser.add_argument("--write", type=Path)
    options = parser.parse_args()
    results: dict[str, Any] = {}
    for path in options.json or sorted((ROOT / ".cache" / "bench").glob("*.json")):
        results = _together(results, json.loads(path.read_text()))
    page = filled((options.write or ROOT / "docs" / "performance.md").read_text(), results)
    if options.write:
        options.write.write_text(page)
    else:
        sys.stdout.write(page)


if __name__ == "__main__":
    main()
