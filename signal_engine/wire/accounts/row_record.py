"""Bytes of `fit.accounts` to one account as loaded, or why it is refused; and back. Never raises for bad data."""

from collections.abc import Collection
from typing import Any, Final, NamedTuple

import orjson
from pydantic import TypeAdapter, ValidationError

from signal_engine.core.rules.relations import DO_NOT_CONTACT, PROSPECT, Relation
from signal_engine.wire.accounts.models import LoadedAccountRecord, Meaning
from signal_engine.wire.config.account_cells import cell
from signal_engine.wire.config.account_columns import CARRIED, Fields
from signal_engine.wire.config.number_columns import Point, read
from signal_engine.wire.events.rejections import Refusal
from signal_engine.wire.events.validation_messages import describe

_FORMAT: Final = 1
_NO_OBJECT: Final = Refusal("not_json", "the value is not a JSON object")


class LoadedAccount(NamedTuple):
    """One account as loaded."""

    account: str
    columns: dict[str, Any]
    """Column as written -> value, JSON or text."""
    carried: dict[str, str | None]
    """The `CARRIED` columns."""
    suppressed: bool = False
    relation: Relation = PROSPECT
    """By its own rows; `relation_in_force` counts its parents, too."""
    parent: str | None = None
    parent_relation: Relation | None = None
    others: tuple[str, ...] = ()
    """CRM ids of further rows that name the account, sorted."""
    numbers: dict[str, Meaning] = {}  # noqa: RUF012 (never changed)
    """Column -> what the point in its value separates."""
    rows: int = 1
    """How many rows of the file name it."""
    aliases: tuple[str, ...] = ()
    """Further domains of the company, sorted."""

    @property
    def relation_in_force(self) -> Relation:
        """What the account is to us; a parent's `do_not_contact` holds for it, too."""
        return DO_NOT_CONTACT if self.parent_relation == DO_NOT_CONTACT else self.relation


_validate: Final = TypeAdapter[Any](LoadedAccountRecord).validator.validate_python


def read_row(value: bytes) -> LoadedAccount | Refusal:
    """The account in a record's value, which is no tombstone."""
    try:
        told = orjson.loads(value)
    except orjson.JSONDecodeError:
        return _NO_OBJECT
    if not isinstance(told, dict):
        return _NO_OBJECT
    try:
        fields = _validate(told)
    except ValidationError as error:
        return Refusal("schema", describe(error))
    return LoadedAccount(
        fields["account_id"],
        fields["columns"],
        {name: fields.get(name) for name in CARRIED},
        fields["suppressed"],
        fields["relation"],
        fields.get("parent"),
        fields.get("parent_relation"),
        tuple(fields.get("others", ())),
        fields.get("numbers", {}),
        fields.get("rows", 1),
        tuple(fields.get("aliases", ())),
    )


def write_row(row: LoadedAccount) -> bytes:
    """The record of `row`: what `read_row` reads back as the same. Equal rows have equal records.

    Values that JSON has no word for, such as the dates of a workbook, are written as text.
    """
    told: dict[str, Any] = {
        "format": _FORMAT,
        "account_id": row.account,
        **row.carried,
        "relation": row.relation,
        "suppressed": row.suppressed,
        "parent": row.parent,
        "parent_relation": row.parent_relation,
        "others": row.others or None,
        "rows": row.rows if row.rows > 1 else None,
        "aliases": row.aliases or None,
        "numbers": row.numbers or None,
        "columns": row.columns,
    }
    return orjson.dumps({name: value for name, value in told.items() if value is not None}, default=str)


class AskedFields:
    """What ICP files ask of the accounts, out of columns as they were written."""

    def __init__(self, asked: Collection[str], numeric: Collection[str]) -> None:
        """`numeric` are those of the fields `asked` that an ICP compares with a number."""
        self._fields: Final = Fields(asked)
        self._asked: Final = frozenset(asked)
        self._numeric: Final = frozenset(numeric)

    def of(self, row: LoadedAccount) -> dict[str, Any]:
        """Field -> value, as predicates read it.

        A field that two columns name has no value: to guess could call the wrong accounts.
        """
        found: dict[str, Any] = {}
        doubled: set[str] = set()
        for column, value in row.columns.items():
            for field in self._fields.of(column):
                if field in self._asked:
                    doubled.update({field} & found.keys())
                    found[field] = self._value(field, cell(value), row.numbers.get(column))
        return {field: value for field, value in found.items() if field not in doubled}

    def _value(self, field: str, value: Any, meaning: Meaning | None) -> Any:
        return value if meaning is None or field not in self._numeric else read(value, Point(meaning))
