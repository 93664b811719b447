"""A person's focus list: whose an account is, and what stands above the line."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signal_engine.core.delivery.focus import FocusList, ListedAccount, focus_list, held_by
from signal_engine.core.delivery.team import Absence, Team, TeamMember, folded
from tests.core.delivery.scene import ANN, BO, WEDNESDAY, at

NOON = at(WEDNESDAY, 12)


def team(*people: TeamMember) -> Team:
    return Team({folded(one.name): one for one in people})


def account(name: str, *, pinned: bool = False, claimed_by: str | None = None) -> ListedAccount:
    return ListedAccount(name, pinned, claimed_by, "Ann Roe", "Bo Lind")


LEFT = BO._replace(leaves=date(2026, 12, 1), successor="Ann Roe")


@pytest.mark.parametrize(
    ("listed", "people", "whose"),
    [
        (account("a.com"), (ANN, BO), "Ann Roe"),  # its SDR's
        (account("a.com", claimed_by="bo@example.com"), (ANN, BO), "Bo Lind"),  # a claim comes first
        (account("a.com")._replace(sdr=None), (ANN, BO), "Bo Lind"),  # the owner's, where nobody calls
        (account("a.com")._replace(sdr="bo@example.com"), (ANN, BO), "Bo Lind"),  # by address, as when assigned
        (account("a.com")._replace(sdr="Bo Lind"), (ANN, LEFT), "Ann Roe"),  # the successor's
        (account("a.com"), (ANN._replace(away=(Absence(WEDNESDAY, WEDNESDAY),)), BO), "Ann Roe"),
        (account("a.com")._replace(sdr="Cy Hall"), (ANN, BO), None),  # nobody of the team
        (account("a.com")._replace(sdr=None, owner=None), (ANN, BO), None),
    ],
)
def test_whose_an_account_is(listed: ListedAccount, people: tuple[TeamMember, ...], whose: str | None) -> None:
    found = held_by(listed, team(*people), NOON)
    assert (found and found.name) == whose


def test_above_the_line_is_what_is_pinned_or_claimed_and_what_the_rest_of_the_week_has_room_for() -> None:
    ann = ANN._replace(capacity=3)
    listed = [
        account("raised.com", pinned=True),
        account("first.com"),
        account("second.com"),
        account("third.com"),
        account("claimed.com", claimed_by="ann@example.com"),
        account("bos.com", claimed_by="bo@example.com"),
    ]
    assert focus_list(listed, ann, team(ann, BO), NOON) == FocusList(
        ("raised.com", "first.com", "second.com", "claimed.com"), ("third.com",), claims=1
    )


def test_more_claims_than_capacity_leave_no_room_and_hide_nothing_claimed() -> None:
    ann = ANN._replace(capacity=1)
    claims = [account(name, claimed_by="ann@example.com") for name in ("a.com", "b.com")]
    found = focus_list([account("c.com"), *claims], ann, team(ann, BO), NOON)
    assert found == FocusList(("a.com", "b.com"), ("c.com",), claims=2)


def test_without_a_capacity_there_is_no_line() -> None:
    found = focus_list([account("a.com"), account("b.com")], ANN, team(ANN, BO), NOON)
    assert found == FocusList(("a.com", "b.com"))


LISTED = st.lists(
    st.builds(
        ListedAccount,
        st.integers(0, 99).map("a{}.com".format), st.booleans(), st.sampled_from([None, ANN.email, BO.email]),
        st.sampled_from([None, "Ann Roe", "Bo Lind", "Cy Hall"]), st.none(),
    ),
    unique_by=lambda one: one.account, max_size=30,
)  # fmt: skip


@given(LISTED, st.none() | st.integers(1, 12))
def test_each_account_of_a_person_stands_once_and_the_line_is_where_the_week_ends(
    listed: list[ListedAccount], capacity: int | None
) -> None:
    ann = ANN._replace(capacity=capacity)
    everybody = team(ann, BO)
    found = focus_list(listed, ann, everybody, NOON)
    mine = [one.account for one in listed if held_by(one, everybody, NOON) == ann]
    assert sorted((*found.above, *found.below)) == sorted(mine)
    assert list(found.above) == [one for one in mine if one in found.above], "in the order of the list"
    must = {one.account for one in listed if one.account in mine and (one.pinned or one.claimed_by)}
    assert must <= {*found.above}
    if capacity is not None:
        taken = len(found.above) - len(must)
        assert taken == min(len(mine) - len(must), max(0, capacity - found.claims))
