"""The alias map: flat at every instant, and what an event means is a matter of when it arrived alone."""

from itertools import accumulate

from hypothesis import given
from hypothesis import strategies as st

from signal_engine.core.rules.aliases import NO_ALIASES, AliasChange, Aliases
from tests.build import T0, event

ACCOUNTS = ("acme.com", "beta.com", "gamma.com")
ALIASES = ("acme.de", "acme.fr", "beta.io")
OWNERS = st.dictionaries(st.sampled_from(ALIASES), st.sampled_from(ACCOUNTS))
LOADS = st.lists(st.tuples(st.integers(0, 5), OWNERS), min_size=1, max_size=6)


def loaded(loads: list[tuple[int, dict[str, str]]]) -> tuple[Aliases, list[tuple[int, dict[str, str]]]]:
    """The map after all loads, and each load with the instant from which on it counts."""
    times = accumulate((pause for pause, _ in loads), initial=T0)
    made, timed = NO_ALIASES, []
    for at, (_, owners) in zip(times, loads, strict=False):
        made = made.changed(owners, at)
        timed.append((at, owners))
    return made, timed


@given(LOADS, st.sampled_from((*ALIASES, *ACCOUNTS, "other.com")), st.integers(-1, 40))
def test_a_name_means_what_the_last_load_in_force_says_and_means_it_twice(
    loads: list[tuple[int, dict[str, str]]], name: str, after: int
) -> None:
    made, timed = loaded(loads)
    at = T0 + after
    in_force = [owners for since, owners in timed if since <= at]
    expected = in_force[-1].get(name, name) if in_force else name
    assert made.account(name, at) == expected
    assert made.account(expected, at) == expected, "an alias of an alias"


@given(LOADS)
def test_the_owners_are_those_of_the_last_load_and_the_same_again_changes_nothing(
    loads: list[tuple[int, dict[str, str]]],
) -> None:
    made, timed = loaded(loads)
    assert made.owners() == timed[-1][1]
    assert {name: made.latest(name) for name in ALIASES} == {name: made.owners().get(name, name) for name in ALIASES}
    assert made.changed(made.owners(), T0 + 100).changes == made.changes


def test_an_event_keeps_the_alias_that_it_named() -> None:
    made = Aliases.of({"acme.de": "acme.com"}, T0)
    before, named = event(account="acme.com"), event(account="acme.de")
    assert made.resolved(before, T0) is before
    assert made.resolved(named, T0 - 1) is named
    assert made.resolved(named, T0) == named._replace(account="acme.com", alias="acme.de")


def test_a_domain_that_is_no_alias_any_more_means_itself_again() -> None:
    made = Aliases({"acme.de": (AliasChange(T0, "acme.com"), AliasChange(T0 + 5, None))})
    assert [made.account("acme.de", T0 + after) for after in (-1, 0, 4, 5)] == [
        "acme.de",
        "acme.com",
        "acme.com",
        "acme.de",
    ]
    assert made.resolved(event(account="acme.de"), T0 + 5).alias is None
    assert made.latest("acme.de") == "acme.de"
    assert made.owners() == {}


def test_the_map_decides_from_the_first_change_of_a_name_on_also_once_it_is_none_any_more() -> None:
    aliases = Aliases.of({"acme.de": "acme.com"}, 5).changed({}, 9)
    assert [aliases.decides("acme.de", at) for at in (4, 5, 9)] == [False, True, True]
    assert not aliases.decides("acme.com", 9)


def test_the_aliases_of_an_account_are_those_by_the_last_change_of_each() -> None:
    aliases = Aliases.of({"acme.de": "acme.com", "acme.at": "acme.com", "bee.de": "bee.com"}, 5)
    assert aliases.names_of("acme.com") == ("acme.at", "acme.de")
    assert aliases.names_of("acme.de") == ()
    later = aliases.changed({"acme.de": "bee.com"}, 9)
    assert dict(later.named()) == {"bee.com": ("acme.de",)}
    assert aliases.names_of("acme.com") == ("acme.at", "acme.de"), "the earlier map is as it was"
