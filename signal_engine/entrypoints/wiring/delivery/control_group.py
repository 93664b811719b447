"""Whom the lists of a worker leave out, by the routes file that it has."""

from typing import Final

from signal_engine.adapters.logging.event_log import StderrEventLog
from signal_engine.core.delivery.holdback import NO_CONTROL_GROUP, ControlGroup, Holdback
from signal_engine.engine.ports.controls import CONTROL_GROUP, Controls
from signal_engine.engine.ports.log_events.processes import SettingQuestionable
from signal_engine.entrypoints.wiring.connections import clock
from signal_engine.entrypoints.wiring.inputs import served_routes
from signal_engine.wire.config.yaml_files import ConfigurationError
from signal_engine.wire.storage.in_force import decode_group

_LOST: Final = (
    "`holdback` of the routes file lacks a draw that was in force; lists go on knowing whom it held back, and "
    "`validate` does not: put {{share: {:g}%, since: {}, until: {}, salt: '{}'}} back"
)


async def lists_leave_out(controls: Controls, said: StderrEventLog) -> ControlGroup:
    """The control group of the routes file; nobody without such a file.

    By a file that cannot be read the group stays as it was, and the log says so: neither does the engine stop for a
    typing error in a route, nor are people told of whom they must not be told. Draws that began and that the file has
    lost stay as what was: the log names them.
    """
    before = decode_group(await controls.read(CONTROL_GROUP))
    try:
        routes = served_routes()
    except ConfigurationError as error:
        said.write(SettingQuestionable(warning=f"the control group stays as it was: {error.lines[0]}"))
        return before
    drawn = NO_CONTROL_GROUP if routes is None else routes.routing.control_group
    whole = drawn.with_record_of(before, clock())
    for lost in whole.draws[len(drawn.draws) :]:
        said.write(SettingQuestionable(warning=_lost(lost)))
    return whole


def _lost(draw: Holdback) -> str:
    """What to put back, as the routes file has it."""
    return _LOST.format(100 * draw.share, draw.since, draw.until, draw.salt.replace("'", "''"))
