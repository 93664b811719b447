"""What an account is to us, apart from whether it fits (scoring.md, section 6)."""

from typing import Any, Final, Literal, get_args

from signal_engine.core.rules.readings import as_text, elements

Relation = Literal[
    "prospect",
    "open_opportunity",
    "customer",
    "former_customer",
    "partner",
    "competitor",
    "do_not_contact",
    "own",
]
RELATIONS: Final[tuple[Relation, ...]] = get_args(Relation)
PROSPECT: Final = "prospect"
"""What an account is of which nothing else is said."""
DO_NOT_CONTACT: Final = "do_not_contact"


def read_relation(value: Any) -> Relation | None:
    """The relation that a cell or JSON value names, without case and surrounding blanks; None for any other text.

    Nothing, null and blanks are `prospect`. A caller has to take None for `do_not_contact` and to say so.
    """
    values = elements(value)
    if not values:
        return PROSPECT
    text = as_text(values[0]) if len(values) == 1 else ""
    return text if text in RELATIONS else None
