"""The memory of letters that were sent again, on every server alike."""

from tests.transactions.places import Place


async def test_what_is_noted_is_among_those_asked_about(place: Place) -> None:
    memory = place.replayed("p:")
    assert await memory.among(0, ["a/0/1"]) == set()
    await memory.note(0, {"a/0/1": 5, "ü/0/2": 6})
    assert await memory.among(0, ["a/0/1", "a/0/9", "ü/0/2"]) == {"a/0/1", "ü/0/2"}
    assert await memory.among(0, []) == set()
    await memory.note(0, {})
    assert await memory.among(1, ["a/0/1"]) == set()
    assert await place.replayed("q:").among(0, ["a/0/1"]) == set()


async def test_it_is_forgotten_when_the_last_copy_has_left_the_topic(place: Place) -> None:
    memory = place.replayed()
    await memory.note(0, {"a/0/1": 5, "a/0/2": 6})
    await memory.note(0, {"a/0/1": 9})
    await memory.note(0, {"a/0/1": 7})
    assert await memory.prune(0, 6) == 0
    assert await memory.prune(0, 7) == 1
    assert await memory.among(0, ["a/0/1", "a/0/2"]) == {"a/0/1"}
    assert await memory.prune(0, 10) == 1
    assert await memory.among(0, ["a/0/1"]) == set()


async def test_more_than_fit_into_one_command(place: Place) -> None:
    memory = place.replayed()
    many = {f"signals.intent/0/{number}": number for number in range(5_000)}
    await memory.note(0, many)
    assert await memory.among(0, list(many)) == set(many)
    assert await memory.prune(0, 4_000) == 4_000


async def test_another_generation_remembers_the_same(place: Place) -> None:
    """Letters belong to the topic: a rebuild must not send them all again."""
    await place.replayed("p:").note(0, {"a/0/1": 5})
    generations = place.generations("p:")
    await generations.swap(None, 1)
    await generations.drop(0)
    assert await place.replayed("p:").among(0, ["a/0/1"]) == {"a/0/1"}
