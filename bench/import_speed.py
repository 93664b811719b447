"""Speed and memory of `import`, as a ratio to csv.DictReader over the same file: `python -m bench.import_speed`.

Two shapes: a narrow intent report, and a CRM export of 200 columns. The file is made in a temporary folder. DictReader
runs in this process, the import in one of its own, whose start is measured apart and taken off. Times are those of the
CPU, so that whatever else runs does not count.
"""

import argparse
import csv
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

_NARROW = "Company Name,Domain,Topic ID,Topic Name,Composite Score,Report Date\n"
_MORE = 194


def main() -> None:
    """Prints one line for each shape."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--rows", type=int, default=1_000_000)
    rows = arguments.parse_args().rows
    with tempfile.TemporaryDirectory() as folder:
        for name, more, count in (("narrow", 0, rows), ("200 columns", _MORE, rows // 10)):
            path = Path(folder) / "export.csv"
            _make(path, count, more)
            reader = _dict_reader(path)
            started, _ = _import(_make(Path(folder) / "one.csv", 1, more), Path(folder))
            seconds, memory = _import(path, Path(folder))
            seconds -= started
            print(
                f"{name}: {count:,} rows, {path.stat().st_size / 1e6:,.0f} MB; "
                f"DictReader {count / reader:,.0f} rows/s; "
                f"import {count / seconds:,.0f} rows/s, {reader / seconds:.2f} of it; memory {memory / 1024:,.0f} MB"
            )


def _make(path: Path, rows: int, more: int) -> Path:
    header = _NARROW.rstrip() + "".join(f",Property {number}" for number in range(more)) + "\n"
    rest = ",some value" * more
    with path.open("w") as file:
        file.write(header)
        for n in range(rows):
            company = n % 50_000
            file.write(
                f"Company {company},company{company}.com,{n % 997},Topic {n % 997},{60 + n % 40},"
                f"{1 + n % 12:02}/{1 + n % 28:02}/2025{rest}\n"
            )
    return path


def _dict_reader(path: Path) -> float:
    """Seconds of CPU."""
    began = time.process_time()
    with path.open(newline="") as file:
        for _ in csv.DictReader(file):
            pass
    return time.process_time() - began


def _import(path: Path, folder: Path) -> tuple[float, int]:
    """Seconds of CPU, and the most memory that was resident, in KB."""
    command = ["import", path, "--as", "bombora-surge", "--timezone", "UTC", "--yes", "--to", folder / "out.jsonl"]
    process = subprocess.Popen(
        [Path(sys.executable).with_name("signal-engine"), *map(str, command)], stderr=subprocess.DEVNULL
    )
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"the import of {path} failed")
    return usage.ru_utime + usage.ru_stime, usage.ru_maxrss


if __name__ == "__main__":
    main()
