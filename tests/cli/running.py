"""Running the command as a user does: its own process, stdout and stderr apart."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any, NamedTuple

ROOT = Path(__file__).parents[2]
COMMAND = Path(sys.executable).with_name("signal-engine")
CONFIG = [
    *("--accounts", "config/accounts.csv"),
    *("--icp", "config/icp/midmarket-saas.yaml"),
    *("--icp", "config/icp/enterprise-fintech.yaml"),
]
EVENTS = {
    "kind": "engagement",
    "event_id": "e-1",
    "account_id": "https://www.brindlefax.com/pricing",
    "occurred_at": "2026-03-01T09:00:00Z",
    "activity": "demo_request",
    "persona": "cfo",
    "person_id": "p-17",
}


class Ran(NamedTuple):
    """How a command ended."""

    code: int
    out: str
    err: str

    def json(self) -> Any:
        """What it printed, parsed."""
        return json.loads(self.out)


def run(*arguments: str | Path, stdin: bytes = b"") -> Ran:
    """`signal-engine ARGUMENTS` in the project's folder."""
    done = subprocess.run(
        [COMMAND, *map(str, arguments)], input=stdin, cwd=ROOT, capture_output=True, timeout=120, check=False
    )
    return Ran(done.returncode, done.stdout.decode(), done.stderr.decode())


def lines(*events: dict[str, Any]) -> bytes:
    """JSON Lines."""
    return b"".join(json.dumps(event).encode() + b"\n" for event in events)
