"""The closed list of log events: `processes` as a whole, the `partitions` of a worker, `servers` they depend on.

The type checker rejects an event or fact that is not declared here; docs/log-events.md is generated from it. Imports
only `engine.ports.event_log`.
"""

from types import ModuleType
from typing import Final

from signal_engine.engine.ports.event_log import LogEvent
from signal_engine.engine.ports.log_events import partitions, processes, servers


def _declared(module: ModuleType) -> list[type[LogEvent]]:
    """The log events of a module, in the order of the file."""
    classes = [one for one in vars(module).values() if isinstance(one, type) and issubclass(one, LogEvent)]
    return [one for one in classes if one.__module__ == module.__name__]


LOG_EVENTS: Final = {module.__doc__ or "": _declared(module) for module in (processes, partitions, servers)}
"""What a group is about -> its events."""
