"""A cache of rendered pages, limited in bytes."""

from collections.abc import Hashable
from typing import Final

_MAX_BYTES: Final = 32 * 2**20
"""Total size of cached pages without keys: a hundred lists of 200 accounts, or six hundred accounts."""


class PageCache:
    """An LRU cache of pages, keyed by everything a page depends on."""

    def __init__(self, max_bytes: int = _MAX_BYTES) -> None:
        """`max_bytes` is in bytes."""
        self._max_bytes = max_bytes
        self._size = 0
        self._pages: dict[Hashable, tuple[bytes, ...]] = {}

    def get(self, key: Hashable) -> tuple[bytes, ...] | None:
        """The pieces of a cached page; None if it must be rendered."""
        page = self._pages.pop(key, None)
        if page is not None:
            self._pages[key] = page
        return page

    def keep(self, key: Hashable, page: tuple[bytes, ...]) -> None:
        """Cache the pieces of a page, unless it is larger than the cache."""
        self._drop(key)
        self._pages[key] = page
        self._size += _size(page)
        while self._size > self._max_bytes:
            self._drop(next(iter(self._pages)))

    def _drop(self, key: Hashable) -> None:
        self._size -= _size(self._pages.pop(key, ()))


def _size(page: tuple[bytes, ...]) -> int:
    return sum(map(len, page))
