"""Laws of delivery over any people, routes, alerts and instants: nothing is dropped, held or redirected in silence."""

from datetime import date, timedelta
from typing import Any, get_args

from hypothesis import given
from hypothesis import strategies as st

from signal_engine.core.alerting.alerts import ALERT_TYPES
from signal_engine.core.delivery.answering import ActionsSeen, Turn
from signal_engine.core.delivery.holdback import Holdback
from signal_engine.core.delivery.plan import plan
from signal_engine.core.delivery.routes import HAND_RAISES, Condition, DigestTime, Route, RoutedAlert
from signal_engine.core.delivery.team import Absence, TeamMember, WorkingSpan
from signal_engine.core.fit.eligibility import Audience
from tests.core.delivery.scene import ALERT, ANN, BERLIN, BO, WEDNESDAY, at, routing

NAMES = ("Ann Roe", "Bo Lind", "Cy Hall", "Di Oak")
DAYS = st.integers(-5, 20).map(lambda ahead: WEDNESDAY + timedelta(days=ahead))
CALLED = st.sampled_from([*NAMES, "Nobody Known", None])
SPANS = st.builds(
    lambda weekday, begins, lasts: WorkingSpan(weekday, begins, min(begins + lasts, 1440)),
    st.integers(0, 6), st.integers(0, 1439), st.integers(1, 600),
)  # fmt: skip


@st.composite
def member(draw: Any, name: str) -> TeamMember:
    """Somebody with any hours, absences and last day; who stands in or comes after may be anybody, or nobody known."""
    first = draw(DAYS)
    return TeamMember(
        name=name,
        email=f"{name.split(maxsplit=1)[0].lower()}@example.com",
        zone=draw(st.sampled_from([BERLIN, BO.zone])),
        hours=tuple(draw(st.lists(SPANS, max_size=3))),
        days_off=frozenset(draw(st.lists(DAYS, max_size=3))),
        away=tuple(draw(st.lists(st.builds(Absence, st.just(first), st.just(first + timedelta(days=6))), max_size=1))),
        backup=draw(CALLED),
        leaves=draw(st.none() | DAYS),
        successor=draw(CALLED),
    )


ROUTES = st.builds(
    Route,
    st.sampled_from([(), (Condition("tier", ("B",)),), (Condition("type", ("hand_raise", "cooled")),)]),
    st.lists(st.sampled_from(["direct", "west", "ops"]), min_size=1, max_size=3, unique=True).map(tuple),
    st.sampled_from(["always", "hours"]),
    st.sampled_from(["backup", "hold"]),
    st.none() | st.builds(DigestTime, st.integers(0, 1439), st.none() | st.integers(0, 6)),
)
PEOPLE = st.sets(st.sampled_from(NAMES)).flatmap(lambda names: st.tuples(*map(member, sorted(names))))
ALERTS = st.builds(
    lambda type_, audience, sdr, owner, account, pinned: ALERT._replace(
        type=type_, audience="triage" if type_ == "inbound" else audience, sdr=sdr, owner=owner, account=account,
        pinned=pinned,
    ),
    st.sampled_from(ALERT_TYPES), st.sampled_from(get_args(Audience)), CALLED, CALLED,
    st.sampled_from(["acme.com", "b.com", "c.com", "d.com"]), st.booleans(),
)  # fmt: skip
SEEN = st.builds(
    ActionsSeen,
    st.none() | st.sampled_from(["ann@example.com", "stranger@example.com"]),
    st.dictionaries(st.sampled_from(["ann@example.com", "bo@example.com"]), st.just(at(date(2026, 12, 24), 0))),
)
NOW = st.integers(-72, 400).map(lambda hours: at(WEDNESDAY, 12) + hours * 3_600_000)


DRAWS = st.sampled_from([(), (Holdback(0.5, WEDNESDAY),)])


@given(PEOPLE, st.lists(ROUTES, max_size=3), ALERTS, SEEN, NOW, DRAWS)
def test_every_alert_reaches_somebody_or_is_said_to_be_muted(
    people: tuple[TeamMember, ...],
    routes: list[Route],
    alert: RoutedAlert,
    seen: ActionsSeen,
    now: int,
    draws: tuple[Holdback, ...],
) -> None:
    rules = routing(*routes, Route((), ("direct",)), people=people)._replace(holdback=draws)
    found = plan(alert, rules, seen, now)
    turns = found.answering.turns
    assert found.deliveries
    for one in found.deliveries:
        assert (one.at is None) == (one.timing in {"muted", "held_back"})
        if one.timing == "held_back":
            assert not alert.pinned
            assert alert.type not in HAND_RAISES
            assert {other.timing for other in found.deliveries} == {"held_back"}, "alike, wherever it would have gone"
            continue
        if one.at is None:
            assert alert.type not in HAND_RAISES
            assert Turn("muted", one.person or "") in turns
            continue
        assert one.at >= now
        if alert.type in HAND_RAISES:
            assert one.at == now, "a hand raise is never held"
        if one.person is not None:
            reached = next(person for person in people if person.name == one.person)
            assert not reached.has_left(one.at)
            assert not seen.is_muted(reached, now)
        if one.timing == "fallback":
            assert turns or alert.audience == "triage", "who is passed over is named"


@given(PEOPLE, ALERTS, NOW)
def test_a_name_that_nobody_has_goes_to_the_fallback_and_is_named(
    people: tuple[TeamMember, ...], alert: RoutedAlert, now: int
) -> None:
    alert = alert._replace(sdr="Nobody Known", owner="Nobody Known", audience="sdr", type="hand_raise")
    found = plan(alert, routing(Route((), ("direct",)), people=people), ActionsSeen(), now)
    assert [(one.destination, one.timing, one.at) for one in found.deliveries] == [("ops", "fallback", now)]
    assert found.answering.turns == (Turn("unknown", "Nobody Known"),)


def test_the_laws_meet_people_who_are_really_there() -> None:
    """Else the first law could hold of fallbacks alone."""
    found = plan(ALERT, routing(Route((), ("direct",)), people=(ANN, BO)), ActionsSeen(), at(WEDNESDAY, 12))
    assert found.deliveries[0].person == "Ann Roe"
