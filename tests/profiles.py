"""How many examples Hypothesis tries: `local` others every run, `ci` the same every run, `quick` a tenth of those."""

import os

from hypothesis import settings

_USUAL = 100
"""What Hypothesis tries where nothing else is said."""


def load() -> None:
    """Registers the profiles; in CI every run tries the same examples, so that a red build can be repeated.
    `--hypothesis-profile` takes another one."""
    settings.register_profile("local", deadline=None, max_examples=_USUAL)
    settings.register_profile("ci", derandomize=True, deadline=None, database=None, max_examples=_USUAL)
    settings.register_profile("quick", parent=settings.get_profile("ci"), max_examples=_USUAL // 10)
    settings.load_profile("ci" if os.environ.get("CI") else "local")


def examples(number: int) -> int:
    """What a test with another number than usual gives to `settings(max_examples=...)`: as many by the profiles `local`
    and `ci`, a tenth by `quick`."""
    return max(1, number * settings().max_examples // _USUAL)
