"""What an account is to us (scoring.md section 6, relation)."""

from collections.abc import Mapping
from typing import Any

from tests.oracle.inputs.domains import normalise_account
from tests.oracle.inputs.values import as_text, elements_of

PROSPECT, DO_NOT_CONTACT = "prospect", "do_not_contact"
RELATIONS = (
    *(PROSPECT, "open_opportunity", "customer", "former_customer", "partner", "competitor", DO_NOT_CONTACT, "own"),
)
# Whose hand raise is nobody's business, not even triage's (section 5, inbound).
UNTOUCHABLE = (DO_NOT_CONTACT, "competitor", "own")


def relation_of(cell: Any) -> str:
    """Compared as text; blank is `prospect`; any other text counts as `do_not_contact`."""
    if not elements_of(cell):
        return PROSPECT
    relation = as_text(cell)
    return relation if relation in RELATIONS else DO_NOT_CONTACT


def with_parents(relations: Mapping[str, str], parents: Mapping[str, str | None]) -> dict[str, str]:
    """Every account's relation, once a parent's `do_not_contact` holds for its children.

    Ambiguous: it holds for the children of a child too, since it holds for the child.
    """
    return {
        account: DO_NOT_CONTACT if _is_barred(account, relations, parents) else own
        for account, own in relations.items()
    }


def parent_of(cell: Any) -> str | None:
    """The parent's account_id; None without a readable one."""
    named = elements_of(cell)
    return normalise_account(named[0]) if named and isinstance(named[0], str) else None


def _is_barred(account: str, relations: Mapping[str, str], parents: Mapping[str, str | None]) -> bool:
    seen: set[str] = set()
    one: str | None = account
    while one is not None and one not in seen:
        if relations.get(one) == DO_NOT_CONTACT:
            return True
        seen.add(one)
        one = parents.get(one)
    return False
