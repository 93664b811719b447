"""A parent's `do_not_contact` holds for its children, and theirs."""

from signal_engine.core.actions.in_force import NOTHING, InForce, StandingAction
from signal_engine.core.fit.acted import acted_on
from signal_engine.core.fit.icp import Fit
from signal_engine.core.fit.inherited import inherited_do_not_contact
from tests.build import T0, fit

HELD = InForce(do_not_contact=StandingAction("dana@example.com", T0, "asked for it"))


def family(*chain: str, held: tuple[str, ...] = (), actions: InForce = HELD) -> dict[str, Fit | None]:
    """The child first; each belongs to the next."""
    fits = {
        name: fit(account=name, parent=parent)
        for name, parent in zip(chain, [*chain[1:], None], strict=True)
        if not name.startswith("unknown")
    }
    return {name: acted_on(name, fits.get(name), actions if name in held else NOTHING) for name in chain}


def inherits(fits: dict[str, Fit | None], name: str = "child.com") -> str | None:
    found = inherited_do_not_contact(name, fits.get)
    return None if found is None else found.inherited_from


def test_the_nearest_ancestor_that_has_it_is_told():
    assert inherits(family("child.com", "parent.com")) is None
    assert inherits(family("child.com", "parent.com", held=("parent.com",))) == "parent.com"
    chain = ("child.com", "parent.com", "group.com")
    assert inherits(family(*chain, held=("group.com",))) == "group.com"
    assert inherits(family(*chain, held=("group.com", "parent.com"))) == "parent.com"


def test_who_acted_when_and_why_is_told():
    found = inherited_do_not_contact("child.com", family("child.com", "parent.com", held=("parent.com",)).get)
    assert found is not None
    assert (found.by, found.at, found.reason) == ("dana@example.com", T0, "asked for it")


def test_its_own_and_other_actions_of_a_parent_are_not_inherited():
    assert inherits(family("child.com", "parent.com", held=("child.com",))) is None
    killed = InForce(kills={"": StandingAction("dana@example.com", T0)})
    assert inherits(family("child.com", "parent.com", held=("parent.com",), actions=killed)) is None


def test_a_parent_in_no_accounts_file_counts_and_a_stranger_has_none():
    assert inherits(family("child.com", "unknown.com", held=("unknown.com",))) == "unknown.com"
    assert inherits({}) is None


def test_a_circle_of_parents_ends():
    fits = {"a.com": fit(account="a.com", parent="b.com"), "b.com": fit(account="b.com", parent="a.com")}
    assert inherited_do_not_contact("a.com", fits.get) is None
    fits["a.com"] = acted_on("a.com", fits["a.com"], HELD)
    assert inherits(dict(fits), "b.com") == "a.com"
