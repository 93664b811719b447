"""Types of settings: which values are accepted, and what is wrong with others."""

import re
from collections.abc import Iterator, Mapping
from typing import Annotated, Final, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, SecretStr
from yarl import URL

from signal_engine.adapters.http.edge.tokens import WRITING_SCOPES
from signal_engine.adapters.http.edge.tokens import Tokens as ApiTokens
from signal_engine.adapters.outgoing.addresses import networks
from signal_engine.core.actions.action import Outcome
from signal_engine.engine.door.check import DISPOSITION_DAYS
from signal_engine.entrypoints.wiring.settings_sources import variable
from signal_engine.wire.events import hosts
from signal_engine.wire.messages.answers.action_links import link_keys
from signal_engine.wire.output.crm_link import crm_link

MASK: Final = "********"
"""What stands for a secret wherever settings are shown."""
_LAST_PORT: Final = 65_535
_HOST: Final = r"(?:\[[0-9A-Fa-f:.]+\]|[^\s:,/@\[\]]+)"
_MAX_DAYS: Final = 3_650
_NO_PUBLIC_URL: Final = "must be http or https://HOST[:PORT], with a path or without, and no query"
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


def _link_keys(text: SecretStr) -> SecretStr:
    link_keys(text.get_secret_value())
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


def paths(text: str) -> tuple[str, ...]:
    """The paths of a setting that names several, separated by commas."""
    return tuple(path.strip() for path in text.split(",") if path.strip())


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


def _crm_url(text: str) -> str:
    crm_link(text)
    return text


def _public_url(text: str) -> str:
    if text and not re.fullmatch(r"https?://[^\s/?#@]+(/[^\s?#]*)?", text):
        raise ValueError(_NO_PUBLIC_URL)
    try:
        return (text if text.isascii() else str(URL(text))).rstrip("/")  # headers of mails take ASCII alone
    except ValueError:
        raise ValueError(_NO_PUBLIC_URL) from None


def _proxy_url(url: SecretStr) -> SecretStr:
    text = url.get_secret_value()
    found = re.fullmatch(rf"http://(?:[^\s/@]+@)?{_HOST}:([0-9]{{1,5}})/?", text)
    if text and (found is None or not 0 < int(found[1]) <= _LAST_PORT):
        raise ValueError("must be http://[USER:PASSWORD@]HOST:PORT, with @ : / in a password as %40 %3A %2F")
    return url


def _networks(text: str) -> str:
    try:
        networks(text.replace(",", " ").split())
    except ValueError:
        raise ValueError("must be networks such as 10.2.0.0/16, several separated by commas") from None
    return text


def _shared_hosts(text: str) -> str:
    hosts.changed(text)
    return text


Servers = Annotated[str, AfterValidator(_servers)]
RedisUrl = Annotated[SecretStr, AfterValidator(_redis_url)]
Tokens = Annotated[SecretStr, AfterValidator(_tokens)]
WritingTokens = Annotated[SecretStr, AfterValidator(_writing_tokens)]
LinkKeys = Annotated[SecretStr, AfterValidator(_link_keys)]
Networks = Annotated[str, AfterValidator(_networks)]
ProxyUrl = Annotated[SecretStr, AfterValidator(_proxy_url)]
PublicUrl = Annotated[str, AfterValidator(_public_url)]
CrmUrl = Annotated[str, AfterValidator(_crm_url)]
Email = Annotated[str, AfterValidator(_email)]
DispositionDays = Annotated[str, AfterValidator(_disposition_days)]
Origins = Annotated[str, AfterValidator(_origins)]
SharedHostsText = Annotated[str, AfterValidator(_shared_hosts)]
KafkaName = Annotated[str, AfterValidator(_kafka_name)]
Protocol = Annotated[Literal["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"], BeforeValidator(_upper)]
Mechanism = Annotated[Literal["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"], BeforeValidator(_upper)]


def masked_url(text: str) -> str:
    """The URL with its password masked, and the query too, in which redis-py also accepts a password."""
    url = urlsplit(text)
    login, at, place = url.netloc.rpartition("@")
    if ":" in login:
        login = f"{login.partition(':')[0]}:{MASK}"
    return f"{url.scheme}://{login}{at}{place}{url.path}" + (f"?{MASK}" if url.query else "")


def protocol_problems(protocol: str, sasl: Mapping[str, str], ssl: Mapping[str, str]) -> Iterator[str]:
    """Yield a problem for each of the fields `sasl` and `ssl` that Kafka's `protocol` leaves unused, or lacks."""
    chosen = variable("kafka_security_protocol")
    for wanted, values, others in (("SASL", sasl, "SASL_SSL"), ("SSL", ssl, "SSL or SASL_SSL")):
        for field, value in values.items():
            if wanted not in protocol and value:
                yield f"{variable(field)}: is only used with {others}, but {chosen} is {protocol}"
            elif wanted == "SASL" and "SASL" in protocol and not value:
                yield f"{variable(field)}: is required when {chosen} is {protocol}"
    if ssl["kafka_ssl_keyfile"] and not ssl["kafka_ssl_certfile"]:
        yield f"{variable('kafka_ssl_certfile')}: is required by {variable('kafka_ssl_keyfile')}"
