"""Whether agents are answered, and how well."""

from typing import TYPE_CHECKING

from signal_engine.adapters.http.edge.probes import Readiness
from signal_engine.core.errors import SignalEngineError
from signal_engine.core.fit.ranking import ALL

if TYPE_CHECKING:
    from signal_engine.adapters.agents.tools import Answers


async def readiness_of(answers: "Answers") -> Readiness:
    """Unready while Redis, or what is stored there, cannot be read; `degraded` while there is no list, or only a stale
    one."""
    try:
        listed = await answers.served(ALL)
    except SignalEngineError as trouble:
        return Readiness.unready(trouble.in_public())
    if listed is None:
        return Readiness.despite(["no list has been published yet"])
    return Readiness.despite(["the lists are stale: is a worker running?"] if listed["stale"] else [])
