"""Answers of a CRM that are not as its API describes them: trouble of that CRM, and none of the process."""

import functools
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from contextlib import contextmanager
from typing import Any, Final, ParamSpec, TypeVar

from signal_engine.engine.sync.sink import SinkTrouble

_Given = ParamSpec("_Given")
_Result = TypeVar("_Result")
_MISREAD: Final = (LookupError, TypeError, AttributeError, ValueError)


@contextmanager
def reading_answer(trouble: type[SinkTrouble] = SinkTrouble) -> Iterator[None]:
    """A context in which a failure to read an answer becomes `trouble`, which quotes nothing of it."""
    try:
        yield
    except _MISREAD as error:
        said = f"the CRM answered otherwise than its API describes ({type(error).__name__})"
        raise trouble(said) from error


def as_described(
    method: Callable[_Given, Coroutine[Any, Any, _Result]],
) -> Callable[_Given, Coroutine[Any, Any, _Result]]:
    """The method of a CRM's client, with `SinkTrouble` for answers that it cannot read."""

    @functools.wraps(method)
    async def wrapped(*args: _Given.args, **kwargs: _Given.kwargs) -> _Result:
        with reading_answer():
            return await method(*args, **kwargs)

    return wrapped


def pages_as_described(
    method: Callable[_Given, AsyncIterator[_Result]],
) -> Callable[_Given, AsyncIterator[_Result]]:
    """The same of a method that yields pages. What fails in whoever takes a page stays as it is."""

    @functools.wraps(method)
    async def wrapped(*args: _Given.args, **kwargs: _Given.kwargs) -> AsyncIterator[_Result]:
        pages = method(*args, **kwargs)
        while True:
            with reading_answer():
                page = await anext(pages, None)
            if page is None:
                return
            yield page

    return wrapped
