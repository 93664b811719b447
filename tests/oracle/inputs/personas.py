"""Personas: what people are called, mapped to a few names (scoring.md section 1)."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from tests.oracle.inputs.values import as_text

UNKNOWN, OTHER = "unknown", "other"


@dataclass(frozen=True, slots=True)
class Persona:
    """One name; `phrases` are its `words`, each cut into the words that have to follow one another."""

    name: str
    phrases: tuple[tuple[str, ...], ...]
    counts: bool


def read_personas(block: Iterable[Mapping[str, Any]] | None) -> tuple[Persona, ...]:
    """The `personas` block; left out or empty it maps nothing."""
    return tuple(
        Persona(one["name"].strip().casefold(), tuple(map(_words, one.get("words") or ())), one.get("counts", True))
        for one in block or ()
    )


def persona_of(text: Any, personas: tuple[Persona, ...]) -> str:
    """The name of a title: first match, else `other`; `unknown` when missing; the text itself without a block."""
    title = as_text(text) or ""
    if not title:
        return UNKNOWN
    if not personas:
        return title
    words = _words(title)
    return next((one.name for one in personas if any(_follow(phrase, words) for phrase in one.phrases)), OTHER)


def is_named(name: object, personas: tuple[Persona, ...]) -> bool:
    """Neither `unknown` nor `other`, and it counts."""
    return name not in (UNKNOWN, OTHER) and all(one.counts for one in personas if one.name == name)


def _words(text: Any) -> tuple[str, ...]:
    """Runs of letters, digits and underscore, without case.

    Ambiguous: letters and digits are Unicode's; the text is case-folded before it is cut.
    """
    return tuple(re.findall(r"\w+", str(text).casefold()))


def _follow(phrase: tuple[str, ...], words: tuple[str, ...]) -> bool:
    """Whether the words of the phrase stand one after the other; a phrase without a word matches nothing."""
    places = range(len(words) - len(phrase) + 1)
    return bool(phrase) and any(words[place : place + len(phrase)] == phrase for place in places)
