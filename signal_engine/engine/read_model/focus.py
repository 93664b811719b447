"""The focus list of a person, out of a list as it is served."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final, Literal, NamedTuple, get_args

from signal_engine.core.delivery.focus import FocusList, ListedAccount, focus_list
from signal_engine.core.delivery.team import Team, TeamMember
from signal_engine.engine.read_model.list_cache import CachedList
from signal_engine.wire.output.lists import FocusDocument
from signal_engine.wire.output.models import Entry

Place = Literal["above", "below", "others"]
"""Of an account on a page of somebody's: above the line, below it, or called by somebody else."""
_PLACES: Final[tuple[Place, ...]] = get_args(Place)


class PersonsFocus(NamedTuple):
    """What a person works on."""

    person: TeamMember
    focus: FocusList
    places: Mapping[str, Place]
    """Account -> its place; accounts of others are not there."""

    def place(self, entry: Entry) -> Place:
        """Where an entry that concerns the person stands."""
        return self.places.get(entry["account_id"], "others")

    def in_order(self, entries: Iterable[Entry]) -> list[Entry]:
        """The entries in the order of their places."""
        return sorted(entries, key=lambda one: _PLACES.index(self.place(one)))


def focus_of(entries: Sequence[Entry], person: str, team: Team, now: int) -> PersonsFocus | None:
    """The focus list at `now` (ms) of whom a name or an address means; None where it is nobody of the team."""
    member = team.named(person)
    if member is None:
        return None
    focus = focus_list(map(_listed, entries), member, team, now)
    places: dict[str, Place] = dict.fromkeys(focus.below, "below")
    return PersonsFocus(member, focus, {**dict.fromkeys(focus.above, "above"), **places})


def focus_document(one: CachedList, found: PersonsFocus) -> FocusDocument:
    """The same for programs."""
    person, focus = found.person, found.focus
    return {
        "list": one.name,
        "version": one.version,
        "generated_at": one.listed["generated_at"],
        "person": person.name,
        "capacity": person.capacity,
        "claims": focus.claims,
        "above": list(focus.above),
        "below": list(focus.below),
    }


def _listed(entry: Entry) -> ListedAccount:
    return ListedAccount(entry["account_id"], entry["pinned"], entry["claimed_by"], entry["sdr"], entry["owner"])
