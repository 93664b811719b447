"""Finds companies by name: exact after normalisation, never a guess."""

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache
from typing import Final, NamedTuple

_LEGAL: Final = frozenset({
    "ab", "ag", "aps", "as", "asa", "bhd", "bv", "co", "company", "corp", "corporation", "eg", "eurl", "ev", "gbr",
    "gmbh", "inc", "incorporated", "kft", "kg", "kgaa", "limited", "llc", "llp", "lp", "ltd", "ltda", "mbh", "nv", "og",
    "ohg", "oy", "oyj", "plc", "pte", "pty", "pvt", "sa", "sarl", "sas", "sdn", "se", "sl", "spa", "srl", "ug", "zrt",
})  # fmt: skip
_CONNECTING: Final = frozenset({"and", "und", "et", "y", "e"})
_APART_S: Final = re.compile(r"[^\w]+|_")
_ABBREVIATED: Final = re.compile(r"[.'\N{RIGHT SINGLE QUOTATION MARK}]")
_LETTERS: Final = str.maketrans({"\u00df": "ss", "\u00f8": "o", "\u0142": "l", "\u00e6": "ae", "\u0153": "oe"})
_MAX_CANDIDATES: Final = 5


class NoCompany(NamedTuple):
    """Why a name is no account, in words that follow the name of the field."""

    reason: str


@lru_cache(maxsize=65_536)
def name_key(name: str) -> str:
    """`The Müller & Söhne GmbH & Co. KG` and `MULLER SOHNE` have one key.

    The key ignores case, accents, punctuation and trailing legal forms. It is empty if nothing else is left.
    """
    folded = unicodedata.normalize("NFKD", name.casefold().translate(_LETTERS))
    plain = "".join(c for c in folded if not unicodedata.combining(c))
    words = [w for w in _APART_S.split(_ABBREVIATED.sub("", plain).replace("&", " and ")) if w]
    while len(words) > 1 and (words[-1] in _LEGAL or words[-1] in _CONNECTING):
        words.pop()
    if len(words) > 1 and words[0] == "the":
        words = words[1:]
    return " ".join(word for word in words if word not in _CONNECTING) or " ".join(words)


class CompanyNames:
    """Accounts of an accounts file, by name."""

    def __init__(self, named: Iterable[tuple[str | None, str]]) -> None:
        """`named` has name and account of each row."""
        self._accounts: dict[str, dict[str, None]] = {}
        for name, account in named:
            if name and (key := name_key(name)):
                self._accounts.setdefault(key, {})[account] = None

    def account(self, name: str) -> str | NoCompany:
        """The only account of this name, or why there is none."""
        found: list[str] = [*self._accounts.get(name_key(name), ())]
        if len(found) == 1:
            return found[0]
        if not found:
            return NoCompany("is the name of no account in the accounts file")
        more = f" and {len(found) - _MAX_CANDIDATES} more" if len(found) > _MAX_CANDIDATES else ""
        return NoCompany(f"is the name of several accounts: {', '.join(sorted(found)[:_MAX_CANDIDATES])}{more}")
