"""Whose work a page shows: everybody's, the viewer's own, or somebody's by name."""

from collections.abc import Sequence
from typing import Any

from signal_engine.core.delivery.team import Team
from signal_engine.core.score.wording import one_line
from signal_engine.engine.read_model.whose import Person, concerns, people_of, person_of
from signal_engine.wire.output.models import AccountSummary


def whose(documents: Sequence[AccountSummary], chosen: Person | None, actor: str | None, team: Team) -> dict[str, Any]:
    """The choice: (value, in words), whoever acts first, who is chosen also where no document names them any more.

    Whoever acts is there once, also where accounts have the person's name and the person acts by an address: the `team`
    says who that is. `default` is who acts, where the documents name them. `names` is what the chosen one is called.
    """
    me = person_of(actor, team) if actor else None
    names = [one for one in people_of(documents) if me is None or not me.is_called(one)]
    is_mine = chosen is not None and me is not None and me.is_called(chosen.asked)
    if chosen is not None and not is_mine and chosen.asked.casefold() not in {one.casefold() for one in names}:
        names.append(chosen.asked)
    mine = [(actor, f"me ({actor})")] if actor else []
    return {
        "options": [*mine, *((one, one_line(one)) for one in names)],
        "chosen": actor if is_mine else None if chosen is None else chosen.asked,
        "default": actor if me is not None and any(concerns(one, me) for one in documents) else "",
        "words": "you" if is_mine else one_line(chosen.asked if chosen else ""),
        "names": sorted(chosen.names) if chosen else [],
    }
