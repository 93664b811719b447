"""Who may act from a message: the people of the routes file, as it is now."""

from collections.abc import Callable
from typing import Final, NamedTuple, TypeAlias

from signal_engine.core.delivery.team import Team, TeamMember
from signal_engine.core.errors import SignalEngineError
from signal_engine.engine.door.door import Admitted, Door
from signal_engine.engine.door.wanted import FORBIDDEN, UNAVAILABLE, ActionRefusal, WantedAction
from signal_engine.engine.ports.log_events.servers import ActionNotConfirmed
from signal_engine.engine.ports.store import StoreTrouble
from signal_engine.engine.read_model.snapshot import StoreSnapshot

Reply: TypeAlias = Admitted | ActionRefusal
NOT_ONE_OF_US: Final = ActionRefusal(
    FORBIDDEN, "only the people of the routes file act from messages, until they leave"
)
"""Said to everybody else."""
LATER: Final = ActionRefusal(UNAVAILABLE, "the engine cannot take it at the moment; try again in a while")
"""Said while an action can be neither checked nor written."""


class ReplyDoor(NamedTuple):
    """Acts for people who reply to messages."""

    team: Callable[[], Team]
    """The people as they are now. Raises a `SignalEngineError`."""
    door: Door
    store_snapshot: StoreSnapshot

    def member(self, email: str) -> TeamMember | None:
        """The person with this address who has not left; None: nobody who may act. Raises as `team`."""
        members = self.team().members.values()
        member = next((one for one in members if one.email == email.lower()), None)
        return None if member is None or member.has_left(self.store_snapshot.clock()) else member

    async def act(self, wanted: WantedAction) -> Reply:
        """Through the door, as whoever `wanted.by` is, if that is one of the people."""
        try:
            if self.member(wanted.by) is None:
                return NOT_ONE_OF_US
            if not self.store_snapshot.takes_actions:
                return LATER
            return await self.door.act(wanted)
        except StoreTrouble:
            return LATER
        except SignalEngineError as error:
            self.store_snapshot.event_log.write(ActionNotConfirmed(reason=str(error)))
            return LATER
