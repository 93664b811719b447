"""Columns of an accounts file, matched to fields ignoring case, blanks and punctuation (`Is Customer`)."""

from collections.abc import Collection, Iterable, Mapping
from typing import Any, Final

from signal_engine.core.errors import WRONG_USE, SignalEngineError
from signal_engine.wire.config.delimited import places_in_words

ACCOUNT_ID: Final = "account_id"
DOMAINS: Final = (
    "domain",
    "company_domain_name",
    "company_domain",
    "domain_name",
    "website",
    "company_website",
    "website_url",
)
"""Columns that can name the account if `account_id` does not, in order of preference."""
NAMES_ACCOUNT: Final = (ACCOUNT_ID, *DOMAINS)
CARRIED: Final = ("name", "segment", "owner", "sdr", "crm_id")
"""Columns copied to the outputs as written."""
RELATION: Final = "relation"
PARENT: Final = "parent"
ALIASES: Final = ("aliases", "other_domains")
"""Columns of further domains of the same company; a file may have both."""
SUPPRESSED: Final = "suppressed"
"""True keeps the account off all lists and out of all alerts."""
PRIMARY: Final = "primary"
"""True makes this row give the fields if several rows name the account."""
_KNOWN: Final = (*NAMES_ACCOUNT, *CARRIED, RELATION, PARENT, *ALIASES, SUPPRESSED, PRIMARY)


def column_key(name: str) -> str:
    """The key by which columns and fields match: `Is Customer` and `is_customer` have the same."""
    folded = name.casefold()
    return "".join(filter(str.isalnum, folded)) or folded.strip()


_NAMING: Final = frozenset(column_key(name) for name in _KNOWN if name != "segment")


def is_of_the_account(column: str) -> bool:
    """Whether a column names the account, its people or what it is to us, and so describes no company."""
    return column_key(column) in _NAMING


class SameField(SignalEngineError, ValueError):
    """Two columns match one field; the message names both."""

    exit_code = WRONG_USE


class Fields:
    """The fields to read, by the key of their column: the known ones and those that ICP files use."""

    def __init__(self, asked: Collection[str]) -> None:
        by_key: dict[str, list[str]] = {}
        for field in dict.fromkeys((*_KNOWN, *asked)):
            by_key.setdefault(column_key(field), []).append(field)
        self._by_key: Final[Mapping[str, tuple[str, ...]]] = {key: tuple(names) for key, names in by_key.items()}
        self._of_column: dict[str, tuple[str, ...]] = {}
        self.found: Final[dict[str, str]] = {}
        """Field -> its column as written, of the columns looked up so far."""

    def unread_of(self, columns: Iterable[str]) -> tuple[str, ...]:
        """Those of these columns, as they are written, that are nobody's field."""
        return tuple(column for column in columns if column.strip() and not self.of(column))

    def of(self, column: str) -> tuple[str, ...]:
        """The fields that a column gives; empty if nothing uses it."""
        fields = self._of_column.get(column)
        if fields is None:
            fields = self._of_column[column] = self._by_key.get(column_key(column), ()) if column.strip() else ()
            self.found.update(dict.fromkeys(fields, column))
        return fields

    def places(self, header: Iterable[str]) -> dict[str, int]:
        """Field -> index of its column in a header. Raises `SameField`."""
        columns = tuple(header)
        by_field: dict[str, list[int]] = {}
        for place, column in enumerate(columns):
            for field in self.of(column):
                by_field.setdefault(field, []).append(place)
        for field, places in by_field.items():
            if len(places) > 1:
                named = " and ".join(repr(columns[place]) for place in places)
                where = places_in_words([place + 1 for place in places])
                raise SameField(f"{named} both match the field {field}: {where}")
        return {field: place for field, (place,) in by_field.items()}

    def read(self, row: Mapping[str, Any]) -> dict[str, Any]:
        """The fields of a JSON object. Raises `SameField`."""
        values: dict[str, Any] = {}
        columns: dict[str, str] = {}
        for column, value in row.items():
            for field in self.of(column):
                if field in values:
                    raise SameField(f"{columns[field]!r} and {column!r} both match the field {field}")
                values[field], columns[field] = value, column
        return values
