"""Repeatable randomness."""

from random import Random


def dice(seed: int, *purpose: str) -> Random:
    """A random generator per purpose, so that one part of the market never influences another."""
    return Random(":".join((str(seed), *purpose)))  # noqa: S311 (repeatable, which a safe generator is not)
