"""The commands of README.md, as they are written, and where each is run."""

import re
from pathlib import Path
from typing import Final, NamedTuple

ROOT: Final = Path(__file__).resolve().parents[2]
README: Final = (ROOT / "README.md").read_text("utf-8")
COMMAND: Final = ".venv/bin/signal-engine"


class Elsewhere(NamedTuple):
    """A command that is run by another test than those of README, and why."""

    by: str
    """`FILE` or `FILE::TEST`."""
    why: str


ELSEWHERE: Final = {
    "make demo": Elsewhere("tests/demo/test_demo.py", "runs until somebody ends it"),
    "make test": Elsewhere(".ci/run", "is what runs this"),
    "make install": Elsewhere(".ci/run", "made the environment in which this runs"),
    f"{COMMAND} demo --seconds 30 --json > demo.json": Elsewhere(
        "tests/demo/test_demo.py::test_it_ends_by_itself_with_lists_alerts_and_counts_and_leaves_nothing_behind",
        "takes half a minute and servers of its own",
    ),
    f"{COMMAND} try companies.csv surge.csv --timezone America/New_York": Elsewhere(
        "tests/demo/test_try.py::test_exports_are_on_the_lists_at_their_own_times_and_nothing_is_left",
        "asks, and runs until somebody ends it",
    ),
    f"{COMMAND} demo --events events.jsonl --accounts accounts.csv": Elsewhere(
        "tests/demo/test_demo.py::test_ones_own_events_are_moved_so_that_the_last_is_now_and_ctrl_c_ends_it_with_its_result",
        "runs until somebody ends it",
    ),
}
FIRST_OF_FILES: Final = f"{COMMAND} config check --icp my-icp.yaml"
FIRST_OF_LIVE: Final = "export SIGNAL_ENGINE_KAFKA_BOOTSTRAP_SERVERS="
"""From here on commands need Kafka and Redis."""


def block(language: str) -> str:
    """The first fenced block of a language."""
    return README.partition(f"```{language}\n")[2].partition("```")[0]


def commands() -> list[str]:
    """Every command of the `sh` blocks, in order, without comments; one that goes on in the next line is one."""
    found: list[str] = []
    for text in re.findall(r"^```sh\n(.*?)^```", README, re.MULTILINE | re.DOTALL):
        whole = ""
        for line in text.splitlines():
            whole += re.sub(r"\s+# .*$|^# .*$", "", line)
            if whole.endswith(("|", "\\")):
                whole = whole.removesuffix("\\") + "\n"
            elif whole.strip():
                found.append(whole.strip())
                whole = ""
    return found


def of_files() -> list[str]:
    """Those that are run on files alone."""
    written = [one for one in commands() if one not in ELSEWHERE]
    start = written.index(FIRST_OF_FILES)
    return written[start : next(n for n, one in enumerate(written) if one.startswith(FIRST_OF_LIVE))]


def of_live() -> list[str]:
    """Those that are run on servers, in order; the first is the export of where they are."""
    written = [one for one in commands() if one not in ELSEWHERE]
    return written[next(n for n, one in enumerate(written) if one.startswith(FIRST_OF_LIVE)) :]


def put_files(folder: Path) -> None:
    """The files that README shows, and those of the project, as a reader has them."""
    (folder / "accounts.csv").write_text(block("csv"))
    (folder / "my-icp.yaml").write_text(block("yaml"))
    (folder / "events.jsonl").write_text(block("json"))
    for name in (".venv", "config", "schemas"):
        (folder / name).symlink_to(ROOT / name)
