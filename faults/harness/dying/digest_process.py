"""`digest --follow` that dies at a named step.

    python -m faults.harness.dying.digest_process '{"die": ["STEP", TIMES]}'

SIGKILL when the step is reached for that time; the steps are those that `send_once` tells of.
"""

import json
import sys
from functools import partial
from typing import Any

from faults.harness.worker import at_points
from signal_engine.entrypoints.commands.delivery import digest as command
from signal_engine.entrypoints.commands.delivery.digest_following import follow_digests


def main() -> None:
    """Runs `digest --follow` with what the first argument says."""
    how: dict[str, Any] = json.loads(sys.argv[1])
    following: Any = command
    following.follow_digests = partial(follow_digests, reached=at_points(how))
    command.digest(["--follow"])


if __name__ == "__main__":
    main()
