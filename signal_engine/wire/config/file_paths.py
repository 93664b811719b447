"""The path of a file or folder that a configuration file names."""

from typing import Annotated

from pydantic import AfterValidator, Field


def _named(path: str) -> str:
    if not path.strip():
        raise ValueError("must not be empty")
    return path.strip()


FilePath = Annotated[str, Field(strict=True, max_length=4_096), AfterValidator(_named)]
"""As long as Linux allows; blanks around it are no part of it."""
