"""Which generation a worker that starts works on."""

from signal_engine.engine.context.generation import opened
from signal_engine.engine.ports.store import Marks
from signal_engine.wire.storage.building import Building
from tests.build import T0
from tests.engine.worker.restart import NEW, Restart


class TestWhereAWorkerBegins:
    async def begun(self, published_before: bool) -> tuple[Marks, int]:
        made, begun = Restart(), 0

        async def published() -> bool:
            return published_before

        async def begin() -> None:
            nonlocal begun
            begun += 1
            await made.begin()

        return await opened(made.generations, published, begin), begun

    async def test_a_store_that_was_never_used_starts_with_generation_0(self) -> None:
        assert await self.begun(published_before=False) == (Marks(0, None, ()), 0)

    async def test_one_that_has_lost_everything_is_built_anew(self) -> None:
        marks, begun = await self.begun(published_before=True)
        assert (marks.served, marks.worked_on, begun) == (None, NEW, 1)

    async def test_who_loses_the_race_follows_the_other(self) -> None:
        made = Restart()

        async def published() -> bool:
            await made.begin()  # somebody else
            return True

        async def begin() -> None:
            assert not await made.generations.begin(None, Building(9, T0, {}, needs_fit=False, moved=False))

        assert (await opened(made.generations, published, begin)).worked_on == NEW
