"""A market with a history, as tests of the API have it."""

from tests.http.conftest import lively

__all__ = ["lively"]
