"""Chance that can be repeated."""

from random import Random


def dice(seed: int, *purpose: str) -> Random:
    """Dice of their own for each purpose: what one part of the market throws never changes what another one does."""
    return Random(":".join((str(seed), *purpose)))  # noqa: S311 (repeatable, which a safe generator is not)
