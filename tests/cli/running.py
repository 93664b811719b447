"""Running the command as a user does: its own process, stdout and stderr apart."""

import json
import os
from pathlib import Path
from typing import Any, NamedTuple

from testing import processes

ROOT = Path(__file__).parents[2]
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
    done = processes.run([*processes.COMMAND, *map(str, arguments)], env=os.environ, stdin=stdin)
    return Ran(done.returncode, done.stdout, done.stderr)


def lines(*events: dict[str, Any]) -> bytes:
    """JSON Lines."""
    return b"".join(json.dumps(event).encode() + b"\n" for event in events)
