"""The document of `match report`."""

from typing_extensions import TypedDict


class MatchedRows(TypedDict):
    """Rows of the export; they add up to `rows`."""

    rows: int
    otherwise: int
    nameless: int
    matched: int
    unmatched: int
    ambiguous: int


class DistinctNames(TypedDict):
    """Different names; those that differ only in legal form, case, punctuation or accents are one."""

    matched: int
    unmatched: int
    ambiguous: int


class MissedNameDocument(TypedDict):
    """A name that names no account, or several."""

    name: str
    rows: int
    candidates: list[str]


class MatchDocument(TypedDict):
    """Which companies of an export are which accounts."""

    export: str
    rows: MatchedRows
    names: DistinctNames
    unmatched: list[MissedNameDocument]
    ambiguous: list[MissedNameDocument]
    suggested: int | None
    """Rows of the file of suggestions; None without one."""
