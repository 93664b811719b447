"""`sync` that dies at a named step, its CRM on this machine.

    python -m faults.harness.dying.sync_process '{...}' WORDS

    {"hubspot": "http://127.0.0.1:1234"}   where HubSpot is
    {"die": ["after_sync_send", 2]}         SIGKILL when the step is reached for the second time

Everything else is the command `sync` with the WORDS.
"""

import json
import sys
from functools import partial
from typing import Any

from faults.harness.worker import at_points
from signal_engine.adapters.outgoing.crm.hubspot import HubSpot
from signal_engine.entrypoints.commands.sync import command, process
from signal_engine.entrypoints.wiring.sync import sinks


def main() -> None:
    """Runs `sync` with what the first argument says."""
    how: dict[str, Any] = json.loads(sys.argv[1])
    wiring: Any = sinks
    wiring.HubSpot = partial(HubSpot, api=how["hubspot"])
    serving: Any = command
    serving.serve = partial(process.serve, reached=at_points(how))
    command.sync(sys.argv[2:])


if __name__ == "__main__":
    main()
