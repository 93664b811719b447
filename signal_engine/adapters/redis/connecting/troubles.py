"""Turns failures of a Redis client into exceptions of the engine, with messages without secrets."""

import errno
from collections.abc import Sequence
from typing import Final

from redis import exceptions

from signal_engine.engine.ports.store import (
    NotAllowed,
    StoreBusy,
    StoreFull,
    StoreTrouble,
    StoreUnreachable,
    WrongServer,
)

_TO_BE_TRIED_AGAIN: Final = (
    exceptions.ConnectionError,
    exceptions.TimeoutError,
    exceptions.TryAgainError,
    exceptions.ClusterDownError,
    exceptions.MasterDownError,
    TimeoutError,
    OSError,
)
_REFUSED: Final = (
    exceptions.AuthenticationError,
    exceptions.AuthorizationError,
    exceptions.AuthenticationWrongNumberOfArgsError,
)
_NO_RIGHT: Final = ("NOPERM", "The user executing the script can't", "ACL failure in script:")
"""What is said of a command, and of one inside a script: by Redis 7.0, and since."""
_BUSY: Final = ("BUSY ", "LOADING ", "MASTERDOWN ", "TRYAGAIN ", "CLUSTERDOWN ")
_TAKES_NO_WRITES: Final = {
    "OOM": "is out of memory and takes no writes: raise maxmemory or free some",
    "MISCONF": "cannot write to its disk and takes no writes",
    "NOREPLICAS": "has too few replicas and takes no writes (min-replicas-to-write)",
}
_REPLICA: Final = "it is a replica; name the primary"
_ONE_SERVER: Final = "it is a node of a Redis Cluster; this engine speaks to one server"
_ADVICE: Final[dict[type[Exception], str]] = {
    exceptions.AskError: _ONE_SERVER,
    exceptions.ClusterCrossSlotError: _ONE_SERVER,
    exceptions.InvalidResponse: "it does not speak the Redis protocol",
}
_REFUSED_AT_ALL: Final = f"Error {errno.ECONNREFUSED} "
"""How the client begins; it goes on with address and port, which the message names anyway."""
_DISCARDED: Final = "Transaction discarded because of: "


def trouble(error: Exception, address: str, secrets: Sequence[str] = ()) -> StoreTrouble:
    """What `error` means for the engine. `secrets` do not appear in the message, however the server quotes them."""
    words = _words(error, secrets).rpartition(_DISCARDED)[2]
    for code, what in _TAKES_NO_WRITES.items():
        if words.startswith(code) or (code == "OOM" and isinstance(error, exceptions.OutOfMemoryError)):
            return StoreFull(f"Redis at {address} {what}" + ("" if code == "OOM" else f": {words}"))
    if isinstance(error, exceptions.ReadOnlyError) or words.startswith("READONLY"):
        return StoreBusy(f"Redis at {address} cannot be used: {_REPLICA}")
    if isinstance(error, exceptions.NoPermissionError) or words.startswith(_NO_RIGHT):
        return NotAllowed(f"Redis at {address} refuses user, password or a command: {words}")
    if isinstance(error, _REFUSED) or words.startswith(("NOAUTH", "WRONGPASS")):
        return StoreBusy(f"Redis at {address} refuses user, password or a command: {words}")
    if isinstance(error, _TO_BE_TRIED_AGAIN) or words.startswith(_BUSY):
        return StoreUnreachable(f"Redis at {address} cannot be reached: {words}")
    advice = next((advice for kind, advice in _ADVICE.items() if isinstance(error, kind)), words)
    return WrongServer(f"Redis at {address} cannot be used: {advice}")


def is_of_wrong_type(trouble: StoreTrouble) -> bool:
    """Whether a key holds another type of value than a command is for."""
    return "WRONGTYPE " in str(trouble)


def _words(error: Exception, secrets: Sequence[str]) -> str:
    """The error's own words on one line. A server that knows no AUTH quotes its arguments: they are cut off."""
    words = " ".join(str(error).split()) or type(error).__name__
    if words.startswith(_REFUSED_AT_ALL):
        return "connection refused; nothing is listening there"
    words = words.partition(", with args beginning with")[0]
    for secret in secrets:
        words = words.replace(secret, "***")
    return words
