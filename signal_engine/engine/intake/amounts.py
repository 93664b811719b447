"""Numbers as people write them: `$1,234,567`, `1.234,56 EUR`. The decimal separator is decided per column."""

import re
from functools import lru_cache
from typing import Final

from signal_engine.engine.intake.deciding import Undecided, UndecidedColumn

_CURRENCY: Final = r"[$\u00a3\u00a5\u20a0-\u20cf]"
"""Dollar, pound, yen, and Unicode's block of all others, the euro among them."""
_APART: Final = r"' \u00a0\u2009\u2019\u202f"
"""What stands between thousands beside points and commas; Swiss exports have an apostrophe, straight or curved."""
_DRESSED: Final = re.compile(
    rf"(?P<minus>[-\N{{MINUS SIGN}}(]?)\s*(?:[A-Z]{{3}}|[A-Z]{{0,2}}{_CURRENCY}|kr\.?)?\s*(?P<sign>[-+]?)"
    rf"(?P<digits>[0-9][0-9.,{_APART}]*?)\s*(?:[A-Z]{{3}}|{_CURRENCY}|%|kr\.?|z\u0142|K\u010d)?\s*\)?"
)
_BLANKS: Final = re.compile(f"[{_APART}]")
_GROUPED: Final = re.compile(rf"[0-9]{{1,3}}(?:[{_APART}][0-9]{{3}})+(?:[.,][0-9]+)?")
"""Thousands that are set apart: other digits with a blank between are several numbers, or a telephone number."""
_THOUSANDS: Final = {
    ",": re.compile(r"[0-9]{1,3}(?:,[0-9]{3})+(?:\.[0-9]+)?"),
    ".": re.compile(r"[0-9]{1,3}(?:\.[0-9]{3})+(?:,[0-9]+)?"),
}
_EXACT_DIGITS: Final = 15
"""Digits up to which whole numbers are exact as doubles."""
_POINT: Final = "."
_COMMA: Final = ","
_NO_NUMBER: Final = "is not a readable number"


class NumberColumn:
    """Reads a column of numbers: `survey` every text, then `decide` once, then `read` each.

    `1,200` alone is 1200, as everywhere in this project, unless another value shows that commas separate decimals.
    `1.200` alone is ambiguous until another value settles it.
    """

    def __init__(self, decimal: str | None = None) -> None:
        """`decimal` is `point` or `comma`, if known."""
        self._known = decimal
        self._point = self._comma = self._doubtful = ""
        """An example of a decimal point, of a decimal comma, and of an ambiguous text."""
        self._decimal = _COMMA if decimal == "comma" else _POINT
        self.presuming = False
        """Whether points are presumed to separate decimals; `survey` then raises `Undecided` at the first text that
        contradicts it.
        """
        self.survey = lru_cache(maxsize=16_384)(self._survey)
        """Take a text into account, each distinct text once."""
        self.read = lru_cache(maxsize=16_384)(self._read)
        """The number in a text, or what is wrong with it, in words that follow the name of the column."""

    @property
    def words(self) -> str:
        """How the column is read, in words."""
        example = self._comma if self._decimal == _COMMA else self._point
        return f"decimal {'comma' if self._decimal == _COMMA else 'point'}" + (
            f" (as {example} says)" if example else ""
        )

    def decide(self) -> None:
        """Raises `UndecidedColumn`."""
        if self._known is not None:
            return
        if self._point and self._comma:
            raise UndecidedColumn(f"mixes two ways of writing numbers: {self._point!r} and {self._comma!r}")
        if self._doubtful and not (self._point or self._comma):
            plain = self._doubtful.replace(_POINT, "")
            raise UndecidedColumn(
                f"can be read in two ways, and no value settles it: {self._doubtful!r} is {plain} or "
                f"{self._doubtful.rstrip('0')}; write `decimal: point` or `decimal: comma` beside it in the mapping",
                mapping_settles=True,
            )
        self._decimal = _COMMA if self._comma else _POINT

    def _survey(self, text: str) -> None:
        digits = _digits(text)
        if digits is None or self._known is not None:
            return
        points, commas = digits.count(_POINT), digits.count(_COMMA)
        if points and commas:
            last = _POINT if digits.rfind(_POINT) > digits.rfind(_COMMA) else _COMMA
            self._says(last, text)
        elif points > 1 or commas > 1:
            self._says(_COMMA if points else _POINT, text)
        elif points:
            if re.fullmatch(r"[1-9][0-9]{0,2}\.[0-9]{3}", digits):
                self._doubtful = self._doubtful or text
                if self.presuming:
                    raise Undecided
            else:
                self._says(_POINT, text)
        elif commas and not _THOUSANDS[_COMMA].fullmatch(digits):
            self._says(_COMMA, text)

    def _says(self, decimal: str, text: str) -> None:
        if decimal == _POINT:
            self._point = self._point or text
        else:
            self._comma = self._comma or text
            if self.presuming:
                raise Undecided

    def _read(self, text: str) -> float | str:
        digits = _digits(text)
        if digits is None:
            return _NO_NUMBER
        thousands = _COMMA if self._decimal == _POINT else _POINT
        if thousands in digits and not _THOUSANDS[thousands].fullmatch(digits):
            return _NO_NUMBER
        plain = digits.replace(thousands, "").replace(self._decimal, _POINT)
        if plain.count(_POINT) > 1 or len(plain) > 300:
            return _NO_NUMBER
        found = _DRESSED.fullmatch(text.strip())
        assert found is not None, "its digits have been found"  # noqa: S101
        number = float(plain) if _POINT in plain or len(plain) > _EXACT_DIGITS else int(plain)
        return -number if found["minus"] or found["sign"] == "-" else number


def _digits(text: str) -> str | None:
    """Digits and separators, without currency, sign and blanks."""
    found = _DRESSED.fullmatch(text.strip())
    if found is None:
        return None
    plain = _BLANKS.sub("", found["digits"])
    return plain if plain == found["digits"] or _GROUPED.fullmatch(found["digits"]) else None
