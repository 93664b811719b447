"""The cells of a row of an accounts file, as values. What cannot be read is added to `unread`, as (field, value)."""

from typing import Any

from signal_engine.core.rules.readings import as_boolean, elements, is_blank
from signal_engine.core.rules.relations import DO_NOT_CONTACT, Relation, read_relation
from signal_engine.wire.config.account_columns import ALIASES, PARENT, RELATION
from signal_engine.wire.events.account_names import AccountName, NotAnAccount, is_mail_provider, normalise


def flag(values: dict[str, Any], field: str, unread: list[tuple[str, str]]) -> bool | None:
    """True for yes, False for no or blank; None for anything else, which is added to `unread`."""
    given = elements(values.get(field))
    if not given:
        return False
    read = as_boolean(given[0]) if len(given) == 1 else None
    if read is None:
        unread.append((field, _shown(values[field])))
    return read


def relation(values: dict[str, Any], unread: list[tuple[str, str]]) -> Relation:
    """What the account is to us; what cannot be read counts as `do_not_contact`."""
    read = read_relation(values.get(RELATION))
    if read is None:
        unread.append((RELATION, _shown(values[RELATION])))
        return DO_NOT_CONTACT
    return read


def parent(values: dict[str, Any], account: str, unread: list[tuple[str, str]]) -> AccountName | None:
    """The account that `account` belongs to; None if it names itself."""
    given = values.get(PARENT)
    if is_blank(given):
        return None
    named = normalise(str(given))
    if isinstance(named, NotAnAccount):
        unread.append((PARENT, _shown(given)))
        return None
    return named if named != account else None


def aliases(values: dict[str, Any], unread: list[tuple[str, str]]) -> tuple[AccountName, ...]:
    """Each once. What names no company, or where anybody has a mailbox, is added to `unread`."""
    found: dict[AccountName, None] = {}
    for column in ALIASES:
        for given in elements(cell(values.get(column))):
            alias = normalise(given) if isinstance(given, str) else NotAnAccount("is not text")
            if isinstance(alias, NotAnAccount) or is_mail_provider(alias):
                unread.append((column, _shown(given)))
            else:
                found[alias] = None
    return tuple(found)


def cell(value: Any) -> Any:
    """The value of a cell for predicates: `a; b` is a list of two."""
    if not isinstance(value, str) or ";" not in value:
        return value
    return [part.strip() for part in value.split(";") if part.strip()]


def text(value: Any) -> str | None:
    """The value as text; None if blank."""
    return None if is_blank(value) else str(value).strip()


def _shown(value: Any) -> str:
    return "; ".join(map(str, value)) if isinstance(value, list) else str(value).strip()
