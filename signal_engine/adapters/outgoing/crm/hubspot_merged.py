"""Companies of HubSpot that were merged: whoever asks by an id that they had gets the new company, under its own id."""

from collections.abc import Mapping
from typing import Any, Final

MERGED: Final = "hs_merged_object_ids"
"""The property of a company with the ids of those that were merged into it, separated by `;`."""


def ids_of(company: Mapping[str, Any]) -> list[str]:
    """The ids by which a company, which was read with `MERGED`, may have been asked for."""
    return [str(company["id"]), *filter(None, str(company["properties"].get(MERGED) or "").split(";"))]
