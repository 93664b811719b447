"""Territories: each account draws somebody of its pool by capacity, the same one everywhere, as long as it can."""

from collections import Counter
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signal_engine.core.delivery.team import Team, TeamMember, folded
from signal_engine.core.delivery.territories import Territory, assigned
from signal_engine.core.rules.predicates import predicates
from tests.core.delivery.scene import ANN, BO, WEDNESDAY, at

NOON = at(WEDNESDAY, 12)
CY = BO._replace(name="Cy Hall", email="cy@example.com")
ACCOUNTS = [f"account-{number}.com" for number in range(6_000)]
EVERYBODY = Territory((), ("Ann Roe", "Bo Lind", "Cy Hall"))


def team(*people: TeamMember) -> Team:
    return Team({folded(one.name): one for one in people})


def drawn(people: Team, territory: Territory = EVERYBODY) -> dict[str, str]:
    found = {account: assigned(account, {}, [territory], people, NOON) for account in ACCOUNTS}
    return {account: one.member.name for account, one in found.items() if one is not None}


def test_shares_follow_capacity() -> None:
    shares = Counter(
        drawn(team(ANN._replace(capacity=30), BO._replace(capacity=20), CY._replace(capacity=10))).values()
    )
    for name, share in (("Ann Roe", 3_000), ("Bo Lind", 2_000), ("Cy Hall", 1_000)):
        assert abs(shares[name] - share) < 180, "about five standard deviations"
    equal = Counter(drawn(team(ANN, BO, CY)).values())
    assert all(abs(number - 2_000) < 180 for number in equal.values())


def test_when_somebody_leaves_only_their_accounts_change_hands_and_when_somebody_joins_only_theirs() -> None:
    before = drawn(team(ANN, BO, CY))
    without = drawn(team(ANN, BO, CY._replace(leaves=date(2026, 12, 1))))
    assert {account for account in ACCOUNTS if before[account] != without[account]} == {
        account for account, name in before.items() if name == "Cy Hall"
    }
    equal = [one._replace(capacity=1) for one in (ANN, BO, CY)]
    assert drawn(team(*equal)) == before
    more = drawn(team(equal[0], BO._replace(capacity=2), equal[2]))
    assert {more[account] for account in ACCOUNTS if before[account] != more[account]} == {"Bo Lind"}


def test_whose_capacity_is_not_known_counts_as_the_mean_of_the_others_also_of_who_has_left() -> None:
    ann, bo = ANN._replace(capacity=30), BO._replace(capacity=10)
    shares = Counter(drawn(team(ann, bo, CY)).values())
    for name, share in (("Ann Roe", 3_000), ("Bo Lind", 1_000), ("Cy Hall", 2_000)):
        assert abs(shares[name] - share) < 180, "about five standard deviations"
    before, without = drawn(team(ann, bo, CY)), drawn(team(ann, bo._replace(leaves=date(2026, 12, 1)), CY))
    assert {before[account] for account in ACCOUNTS if before[account] != without[account]} == {"Bo Lind"}


@given(st.permutations(EVERYBODY.pool), st.sampled_from(ACCOUNTS))
def test_the_order_of_the_pool_changes_nothing(pool: list[str], account: str) -> None:
    people = team(ANN, BO, CY)
    turned = assigned(account, {}, [Territory((), tuple(pool))], people, NOON)
    assert turned == assigned(account, {}, [EVERYBODY], people, NOON)


WEST = Territory(predicates({"country": {"in": ["United States", "Canada"]}}, ("when",)), ("Ann Roe",))
LARGE = Territory(predicates({"employee_count": {"gte": 1000}}, ("when",)), ("Bo Lind",))


@pytest.mark.parametrize(
    ("fields", "gets"),
    [
        ({"country": "Canada", "employee_count": "5000"}, (0, "Ann Roe")),  # the first that takes it
        ({"country": "France", "employee_count": "5000"}, (1, "Bo Lind")),
        ({"country": "France", "employee_count": "50"}, None),
        ({"employee_count": "5000"}, (1, "Bo Lind")),  # a field that is missing matches nothing
        ({}, None),
    ],
)
def test_the_first_territory_that_takes_the_account_has_it(
    fields: dict[str, str], gets: tuple[int, str] | None
) -> None:
    found = assigned("acme.com", fields, [WEST, LARGE], team(ANN, BO), NOON)
    assert (None if found is None else (found.territory, found.member.name)) == gets


def test_a_pool_of_which_nobody_is_there_gives_an_account_to_nobody() -> None:
    gone = ANN._replace(leaves=date(2026, 12, 1))
    assert assigned("acme.com", {"country": "Canada"}, [WEST, LARGE], team(gone, BO), NOON) is None
