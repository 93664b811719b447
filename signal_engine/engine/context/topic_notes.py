"""Notes for readiness: which topics that may be missing were there when a worker started."""

from signal_engine.engine.ports.controls import OFF, ON, Controls, DocumentName


async def note_topic(controls: Controls, name: DocumentName, *, there: bool) -> None:
    """Note whether a topic was there. Raises `StoreTrouble`."""
    now = ON if there else OFF
    while (before := await controls.read(name)) != now:
        await controls.replace(name, before, now)
