"""Types of settings: which values are accepted, and what is wrong with others."""

import re
from typing import Annotated, Final, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, SecretStr

from signal_engine.adapters.http.edge.tokens import WRITING_SCOPES
from signal_engine.adapters.http.edge.tokens import Tokens as ApiTokens
from signal_engine.core.actions.action import Outcome
from signal_engine.engine.door.check import DISPOSITION_DAYS
from signal_engine.wire.events import hosts

_HOST: Final = r"(?:\[[0-9A-Fa-f:.]+\]|[^\s:,/@\[\]]+)"
_MAX_DAYS: Final = 3_650
_SERVERS: Final = re.compile(rf"{_HOST}(?::(\d{{1,5}}))?")


def _servers(text: str) -> str:
    """`host:port,host:port` without blanks; a missing port is 9092."""
    servers = [server.strip() for server in text.split(",")]
    for server in servers:
        match = _SERVERS.fullmatch(server)
        if match is None or not 0 < int(match[1] or 9092) < 65536:
            raise ValueError("must be HOST:PORT, several separated by commas")
    return ",".join(servers)


def _redis_url(url: SecretStr) -> SecretStr:
    if not _is_redis_url(url.get_secret_value()):
        raise ValueError(
            "must be redis://[USER:PASSWORD@]HOST:PORT/NUMBER, rediss:// or unix:///PATH; "
            "write @ : / ? # % in a password as %40 %3A %2F %3F %23 %25"
        )
    return url


def _is_redis_url(text: str) -> bool:
    try:
        parts = urlsplit(text)
        _ = parts.port  # raises ValueError if it is no port
    except ValueError:
        return False
    if "@" in parts.path + parts.query + parts.fragment:  # the end of an unescaped password
        return False
    if parts.scheme == "unix":
        return parts.path.startswith("/")
    return (
        parts.scheme in {"redis", "rediss"} and bool(parts.hostname) and re.fullmatch(r"/?\d*", parts.path) is not None
    )


def _upper(value: object) -> object:
    return value.strip().upper() if isinstance(value, str) else value


def _kafka_name(text: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9._-]*", text):
        raise ValueError("must contain only letters, digits, . _ -")
    return text


def _tokens(text: SecretStr) -> SecretStr:
    ApiTokens.parse(text.get_secret_value())
    return text


def _writing_tokens(text: SecretStr) -> SecretStr:
    ApiTokens.parse(text.get_secret_value(), WRITING_SCOPES)
    return text


def _email(text: str) -> str:
    if text and not re.fullmatch(r"[^@\s]+@[^@\s]+", text):
        raise ValueError("must be an e-mail address")
    return text


def _origins(text: str) -> str:
    origins = [origin.strip() for origin in text.split(",") if origin.strip()]
    if not all(re.fullmatch(r"https?://[^\s/,]+", origin) for origin in origins):
        raise ValueError("must be https://HOST[:PORT] without a path, several separated by commas")
    return ",".join(origins)


def disposition_days(text: str) -> dict[Outcome, int]:
    """Outcome -> days, of `no_response=14,not_now=60`; outcomes that are not named have their default.

    Raises ValueError.
    """
    days = dict(DISPOSITION_DAYS)
    for word in text.replace(",", " ").split():
        outcome, _, number = word.partition("=")
        if outcome not in days:
            raise ValueError(f"must be OUTCOME=DAYS, several separated by commas, of {', '.join(days)}")
        if not re.fullmatch(r"[0-9]{1,4}", number) or not 1 <= int(number) <= _MAX_DAYS:
            raise ValueError(f"must be OUTCOME=DAYS with 1 to {_MAX_DAYS} days; {outcome} is not")
        days[outcome] = int(number)
    return days


def _disposition_days(text: str) -> str:
    disposition_days(text)
    return text


def _shared_hosts(text: str) -> str:
    hosts.changed(text)
    return text


Servers = Annotated[str, AfterValidator(_servers)]
RedisUrl = Annotated[SecretStr, AfterValidator(_redis_url)]
Tokens = Annotated[SecretStr, AfterValidator(_tokens)]
WritingTokens = Annotated[SecretStr, AfterValidator(_writing_tokens)]
Email = Annotated[str, AfterValidator(_email)]
DispositionDays = Annotated[str, AfterValidator(_disposition_days)]
Origins = Annotated[str, AfterValidator(_origins)]
SharedHostsText = Annotated[str, AfterValidator(_shared_hosts)]
KafkaName = Annotated[str, AfterValidator(_kafka_name)]
Protocol = Annotated[Literal["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"], BeforeValidator(_upper)]
Mechanism = Annotated[Literal["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"], BeforeValidator(_upper)]
