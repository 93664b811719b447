"""Every way in which a Redis client fails, as one of three states of affairs, told without secrets."""

from collections.abc import Sequence
from typing import Final

from redis import exceptions

from signal_engine.engine.step_store import StoreFull, StoreTrouble, StoreUnreachable, WrongServer

_TO_BE_TRIED_AGAIN: Final = (
    exceptions.ConnectionError,
    exceptions.TimeoutError,
    exceptions.TryAgainError,
    exceptions.ClusterDownError,
    TimeoutError,
    OSError,
)
_NOT_ALLOWED: Final = (
    exceptions.AuthenticationError,
    exceptions.AuthorizationError,
    exceptions.AuthenticationWrongNumberOfArgsError,
    exceptions.NoPermissionError,
)
_ADVICE: Final[dict[type[Exception], str]] = {
    exceptions.ReadOnlyError: "it is a replica; name the primary",
    exceptions.AskError: "it is a node of a Redis Cluster; this engine speaks to one server",
    exceptions.ClusterCrossSlotError: "it is a node of a Redis Cluster; this engine speaks to one server",
    exceptions.InvalidResponse: "it does not speak the Redis protocol",
}


def trouble(error: Exception, address: str, secrets: Sequence[str] = ()) -> StoreTrouble:
    """What `error` means for the engine. `secrets` do not appear in the message, however the server quotes them."""
    words = _words(error, secrets)
    if isinstance(error, exceptions.OutOfMemoryError):
        return StoreFull(f"Redis at {address} is out of memory and takes no writes: raise maxmemory or free some")
    if words.startswith("MISCONF"):
        return StoreFull(f"Redis at {address} cannot write to its disk and takes no writes: {words}")
    if isinstance(error, _NOT_ALLOWED):
        return WrongServer(f"Redis at {address} refuses user, password or a command: {words}")
    if isinstance(error, _TO_BE_TRIED_AGAIN):
        return StoreUnreachable(f"Redis at {address} cannot be reached: {words}")
    advice = next((advice for kind, advice in _ADVICE.items() if isinstance(error, kind)), words)
    return WrongServer(f"Redis at {address} cannot be used: {advice}")


def _words(error: Exception, secrets: Sequence[str]) -> str:
    """The error's own words on one line. A server that knows no AUTH quotes its arguments: they are cut off."""
    words = " ".join(str(error).split()) or type(error).__name__
    words = words.partition(", with args beginning with")[0]
    for secret in secrets:
        words = words.replace(secret, "***")
    return words
