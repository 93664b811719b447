"""Finds companies by name, exact after normalisation, or by CRM id; never a guess."""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from types import MappingProxyType
from typing import Final, NamedTuple, Protocol

_LEGAL: Final = frozenset({
    "ab", "ag", "aps", "as", "asa", "bhd", "bt", "bv", "bvba", "co", "company", "corp", "corporation", "cvba", "dac",
    "doo", "ead", "eg", "ehf", "eood", "eurl", "ev", "gbr", "gk", "gmbh", "inc", "incorporated", "ivs", "jdoo", "kft",
    "kg", "kgaa", "kk", "lda", "limited", "llc", "llp", "lp", "ltd", "ltda", "mbh", "nv", "nyrt", "og", "ohg", "ood",
    "ou", "oy", "oyj", "plc", "pllc", "pte", "pty", "pvt", "sa", "sarl", "sas", "sau", "sdn", "se", "sia", "sl", "slu",
    "snc", "spa", "sprl", "srl", "sro", "tbk", "uab", "ug", "ulc", "zrt",
})  # fmt: skip
_OF_SEVERAL_WORDS: Final = frozenset({
    "ltdsti", "privatelimited", "sabdecv", "sadecv", "sapidecv", "sderldecv", "spj", "spk", "spolsro", "spzoo",
    "ughaftungsbeschrankt",
})  # fmt: skip
"""Legal forms without their blanks, since one is written as `Sp. z o.o.`, `Sp. z o. o.` and `Sp. zo.o.`."""
_MAX_WORDS_OF_A_FORM: Final = 6
_MAX_LETTERS_APART: Final = 3
"""Of a legal form such as `S. A.`, `A/S` and `s. r. o.`."""
_CONNECTING: Final = frozenset({"and", "und", "et", "y", "e"})
_APART_S: Final = re.compile(r"[^\w]+|_")
_ABBREVIATED: Final = re.compile(r"[.'\N{RIGHT SINGLE QUOTATION MARK}]")
_LETTERS: Final = str.maketrans({"\u00df": "ss", "\u00f8": "o", "\u0142": "l", "\u00e6": "ae", "\u0153": "oe"})
_MAX_CANDIDATES: Final = 5
_NONE: Final[Mapping[str, str]] = MappingProxyType({})
NAME: Final = "name"
CRM_ID: Final = "id"
"""What names an account, in words."""


class NoCompany(NamedTuple):
    """Why a name is no account, in words that follow the name of the field."""

    reason: str


class FindsAccounts(Protocol):
    """Accounts by something that names them."""

    def account(self, name: str, /) -> str | NoCompany:
        """The only account that `name` means, or why there is none."""


@lru_cache(maxsize=65_536)
def name_key(name: str) -> str:
    """`The Müller & Söhne GmbH & Co. KG` and `MULLER SOHNE` have one key.

    The key ignores case, accents, punctuation and trailing legal forms; in front of a name, letters may be part of it
    (`UAB Medicine`). It is empty if nothing else is left.
    """
    folded = unicodedata.normalize("NFKD", name.casefold().translate(_LETTERS))
    plain = "".join(c for c in folded if not unicodedata.combining(c))
    words = [w for w in _APART_S.split(_ABBREVIATED.sub("", plain).replace("&", " and ")) if w]
    while count := _words_to_ignore(words):
        del words[-count:]
    if len(words) > 1 and words[0] == "the":
        words = words[1:]
    return " ".join(word for word in words if word not in _CONNECTING) or " ".join(words)


def _words_to_ignore(words: Sequence[str]) -> int:
    """How many words at the end are one legal form or connect one to the name; never all of them."""
    left = len(words) - 1
    for count in range(min(left, _MAX_WORDS_OF_A_FORM), 1, -1):
        if "".join(words[-count:]) in _OF_SEVERAL_WORDS:
            return count
    for count in range(1, min(left, _MAX_LETTERS_APART) + 1):
        ending = words[-count:]
        if "".join(ending) in _LEGAL and (count == 1 or all(len(word) == 1 for word in ending)):
            return count
    return int(left > 0 and words[-1] in _CONNECTING)


class CompanyNames:
    """Accounts of an accounts file, by name."""

    def __init__(self, named: Iterable[tuple[str | None, str]], confirmed: Mapping[str, str] = _NONE) -> None:
        """`named` has name and account of each row; `confirmed`: what a person said of a name, which goes before."""
        self._accounts: dict[str, dict[str, str]] = {}
        accounts = []
        for name, account in named:
            if name and (key := name_key(name)):
                self._accounts.setdefault(key, {}).setdefault(account, name)
            accounts.append(account)
        self.accounts: Final = frozenset(accounts)
        """All of them, those without a name, too."""
        self._confirmed = {name_key(name): account for name, account in confirmed.items()}

    @property
    def by_key(self) -> Mapping[str, Mapping[str, str]]:
        """Key of a name -> account -> its name as the file has it."""
        return self._accounts

    def candidates(self, name: str) -> list[str]:
        """The accounts that this name may mean, in alphabetical order: the one that a person confirmed, or all."""
        key = name_key(name)
        return [self._confirmed[key]] if key in self._confirmed else sorted(self._accounts.get(key, ()))

    def account(self, name: str) -> str | NoCompany:
        """See `FindsAccounts`."""
        return _the_only(self.candidates(name), NAME)


class AccountsByKey:
    """Accounts by what may name several of them, and may come to name others. Some 170 bytes a key."""

    def __init__(self, what: str) -> None:
        """`what` a key is, in words."""
        self._what = what
        self._accounts: dict[str, str | tuple[str, ...]] = {}
        """A tuple only where there are several, to save memory."""

    def add(self, key: str, account: str) -> None:
        """`key` names `account`, too."""
        if account not in (found := self._found(key)):
            self._keep(key, (*found, account))

    def remove(self, key: str, account: str) -> None:
        """`key` does not name `account` any more."""
        self._keep(key, tuple(one for one in self._found(key) if one != account))

    def account(self, key: str) -> str | NoCompany:
        """See `FindsAccounts`."""
        return _the_only(sorted(self._found(key)), self._what)

    def _found(self, key: str) -> tuple[str, ...]:
        found = self._accounts.get(key, ())
        return (found,) if isinstance(found, str) else found

    def _keep(self, key: str, accounts: tuple[str, ...]) -> None:
        if accounts:
            self._accounts[key] = accounts if len(accounts) > 1 else accounts[0]
        else:
            self._accounts.pop(key, None)


def accounts_by_id(ids: Iterable[tuple[str | None, str]]) -> AccountsByKey:
    """The accounts of (CRM id, account)."""
    made = AccountsByKey(CRM_ID)
    for id_, account in ids:
        if id_:
            made.add(id_, account)
    return made


def _the_only(found: Sequence[str], what: str) -> str | NoCompany:
    if len(found) == 1:
        return found[0]
    if not found:
        return NoCompany(f"is the {what} of no account in the accounts file")
    more = f" and {len(found) - _MAX_CANDIDATES} more" if len(found) > _MAX_CANDIDATES else ""
    return NoCompany(f"is the {what} of several accounts: {', '.join(found[:_MAX_CANDIDATES])}{more}")
