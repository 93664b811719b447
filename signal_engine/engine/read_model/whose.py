"""Whose work an account is: entries and alerts name who owns it, who calls and who has claimed it."""

from collections.abc import Iterable
from typing import NamedTuple

from typing_extensions import TypedDict

from signal_engine.core.delivery.team import NO_TEAM, Team, folded
from signal_engine.wire.output.models import Alert


class Whose(TypedDict):
    """What entries, alerts and explanations say of whose an account is."""

    owner: str | None
    sdr: str | None
    claimed_by: str | None


class Person(NamedTuple):
    """Whose work is asked for."""

    asked: str
    """As it was asked for: a name, or an e-mail address."""
    names: frozenset[str]
    """Everything that documents may call the person, `folded`: accounts files have names, claims have addresses."""

    def is_called(self, name: str) -> bool:
        """Whether a name or an address means this person; blanks and case do not count."""
        return folded(name) in self.names


def person_of(asked: str, team: Team = NO_TEAM) -> Person:
    """Whom a name or an e-mail address means, by the people of the routes file where they are there."""
    member = team.named(asked)
    also = () if member is None else (member.name, member.email)
    return Person(asked, frozenset(map(folded, (asked, *also))))


def concerns(document: Whose, person: Person) -> bool:
    """Whether the person owns the account, calls it or has claimed it."""
    return any(map(person.is_called, _named(document)))


def people_of(documents: Iterable[Whose]) -> list[str]:
    """Everybody whom the documents name, each once, by name."""
    return sorted({one for document in documents for one in _named(document)}, key=lambda one: (one.casefold(), one))


def _named(document: Whose) -> list[str]:
    # Alerts that version 0.1 stored have an owner alone.
    return [one for one in (document["owner"], document.get("sdr"), document.get("claimed_by")) if one]


class AlertFilter(NamedTuple):
    """A filter of alerts; None accepts all."""

    type: str | None = None
    person: Person | None = None
    """Who owns the account, calls, or had claimed it at that instant."""
    icp: str | None = None
    tier: str | None = None

    def accepts(self, alert: Alert) -> bool:
        """Whether the alert is wanted."""
        return (
            self.type in {None, alert["type"]}
            and self.icp in {None, alert["icp"]}
            and self.tier in {None, alert["tier"]}
            and (self.person is None or concerns(alert, self.person))
        )


EVERY_ALERT = AlertFilter()
