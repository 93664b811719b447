"""The closed list of log events: `processes` as a whole, `partitions` of a worker, `servers`, `delivery`, `digests`,
`syncing`.

The type checker rejects an event or fact that is not declared here; docs/log-events.md is generated from it. Imports
only `engine.ports.event_log`.
"""

from types import ModuleType
from typing import Final

from signal_engine.engine.ports.event_log import LogEvent
from signal_engine.engine.ports.log_events import delivery, digests, partitions, processes, servers, syncing


def _declared(module: ModuleType) -> list[type[LogEvent]]:
    """The log events of a module, in the order of the file."""
    classes = [one for one in vars(module).values() if isinstance(one, type) and issubclass(one, LogEvent)]
    return [one for one in classes if one.__module__ == module.__name__]


_GROUPS: Final = (processes, partitions, delivery, servers, syncing, digests)
LOG_EVENTS: Final = {module.__doc__ or "": _declared(module) for module in _GROUPS}
"""What a group is about -> its events."""
