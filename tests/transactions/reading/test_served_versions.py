"""Versions of lists are told without the lists."""

from signal_engine.engine.ports.controls import Controls
from tests.transactions.places import Place


async def test_versions_are_told_in_the_order_asked_for_and_outlive_their_lists(place: Place) -> None:
    controls: Controls = place.generations("p:").controls(0)
    await controls.serve("all", 17, b"{}")
    await controls.serve("saas", 2**52, b"{}")
    assert await controls.versions(["saas", "nowhere", "all"]) == [2**52, 0, 17]
    await controls.retire("saas", 2**52 + 1)
    assert await controls.versions(["saas"]) == [2**52 + 1]
    assert await controls.versions([]) == []
