"""How far a publication has come into force."""

from collections.abc import Awaitable, Callable
from typing import Final, NamedTuple

from signal_engine.engine.ports.controls import FIT, FIT_VERSION, SCORING, SCORING_SEQUENCE, TOPICS, Controls
from signal_engine.engine.ports.store import Damaged, Generations, Store
from signal_engine.wire.storage.in_force import FitInForce, ScoringInForce, TopicsInForce

_NO_WORKER: Final = "a worker: none has used this Redis yet"
_OWNER: Final = "the worker that owns partition 0, which brings it into force; is a worker running?"
_REBUILD: Final = "the rebuild, which reads all topics again before the new view is served"
_MAX_NAMED: Final = 10


class ViewHas(NamedTuple):
    """What the view served has of it."""

    marker: str
    """The topic name under which a partition notes that it goes by it."""
    at_least: int
    """What it then notes."""


class PublicationProgress(NamedTuple):
    """Of one publication."""

    reached: int
    """Partitions that go by it."""
    partitions: int
    """All of them; 0 while unknown."""
    waiting_for: str | None
    """In words; None: it is in force at all partitions."""


async def scoring_moved(controls: Controls, offset: int) -> ViewHas | None:
    """Whether the scoring file published at `offset`, or a later one, is in force in a view."""
    stored = await controls.read(SCORING)
    if stored is None:
        return None
    published = (in_force := ScoringInForce.decode(stored)).published
    return None if published is None or published.offset < offset else ViewHas(SCORING_SEQUENCE, in_force.sequence)


async def icps_moved(controls: Controls, offset: int) -> ViewHas | None:
    """The same for the ICPs."""
    stored = await controls.read(FIT)
    if stored is None:
        return None
    published = (in_force := FitInForce.decode(stored)).published
    return None if published is None or published.offset < offset else ViewHas(FIT_VERSION, in_force.version)


async def progress(
    generations: Generations, offset: int, moved: Callable[[Controls, int], Awaitable[ViewHas | None]]
) -> PublicationProgress:
    """How far the publication at `offset` is; `moved` says whether a view has it. Raises `StoreTrouble`."""
    marks = await generations.marks()
    if marks.served is None:
        return PublicationProgress(0, 0, _REBUILD if marks.building is not None else _NO_WORKER)
    controls = generations.controls(marks.served)
    topics = await controls.read(TOPICS)
    partitions = 0 if topics is None else TopicsInForce.decode(topics).partitions
    if (has := await moved(controls, offset)) is None or not partitions:
        return PublicationProgress(0, partitions, _REBUILD if marks.building is not None else _OWNER)
    store = generations.store(marks.served)
    waiting = [number for number in range(partitions) if await _noted(store, number, has.marker) < has.at_least]
    words = ", ".join(map(str, waiting[:_MAX_NAMED])) + (" and more" if len(waiting) > _MAX_NAMED else "")
    owners = f"the owners of {'partition' if len(waiting) == 1 else 'partitions'} {words}, which take it over"
    return PublicationProgress(partitions - len(waiting), partitions, owners if waiting else None)


async def _noted(store: Store, number: int, marker: str) -> int:
    try:
        return (await store.positions(number)).topics.get(marker, 0)
    except Damaged:  # it is rebuilt by itself
        return 0
