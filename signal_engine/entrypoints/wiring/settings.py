"""The settings of the live engine: names, defaults and accepted values (contract.md, "Settings").

`read_settings` reads them; a field's variable is `SIGNAL_ENGINE_` and its name in capitals.
"""

from collections.abc import Iterator
from typing import Final, Literal

from pydantic import Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from signal_engine.core.rules.policy import REMEMBERED_IDS
from signal_engine.entrypoints.wiring.api_access import actor_problems
from signal_engine.entrypoints.wiring.delivery.delivery_settings import DeliverySettings, delivery_disagreements
from signal_engine.entrypoints.wiring.delivery.notify_settings import NotifySettings
from signal_engine.entrypoints.wiring.inputs import DEFAULT_PLAYS, DEFAULT_ROUTES, DEFAULT_SYNC
from signal_engine.entrypoints.wiring.setting_types import (
    MASK,
    DispositionDays,
    Email,
    KafkaName,
    Mechanism,
    Origins,
    Protocol,
    RedisUrl,
    Servers,
    SharedHostsText,
    Tokens,
    WritingTokens,
    masked_url,
    protocol_problems,
)
from signal_engine.entrypoints.wiring.settings_sources import PREFIX, Variables, find, variable
from signal_engine.wire.config.yaml_files import ConfigurationError, problems_of


class Settings(NotifySettings, DeliverySettings):
    """One field per variable: `SIGNAL_ENGINE_` and the field's name in capitals. A `SecretStr` is never printed."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, frozen=True, hide_input_in_errors=True)

    kafka_bootstrap_servers: Servers = Field(
        default="localhost:9092", description="Bootstrap brokers, `HOST:PORT`, separated by commas."
    )
    kafka_security_protocol: Protocol = Field(
        default="PLAINTEXT",
        description="`PLAINTEXT`, `SSL`, `SASL_PLAINTEXT` (sends passwords unencrypted) or `SASL_SSL`.",
    )
    kafka_sasl_mechanism: Mechanism = Field(
        default="PLAIN", description="`PLAIN`, `SCRAM-SHA-256` or `SCRAM-SHA-512`; used by the two SASL protocols."
    )
    kafka_sasl_username: str = Field(default="", description="Required by the two SASL protocols.")
    kafka_sasl_password: SecretStr = Field(default=SecretStr(""), description="Required by the two SASL protocols.")
    kafka_ssl_cafile: str = Field(
        default="",
        description="PEM file of the CAs that sign the brokers' certificates; empty: the system's CAs.",
    )
    kafka_ssl_certfile: str = Field(
        default="", description="PEM file of the client certificate, if the brokers require one."
    )
    kafka_ssl_keyfile: str = Field(default="", description="PEM file of its key, if not in the same file.")
    redis_url: RedisUrl = Field(
        default=SecretStr("redis://localhost:6379/0"),
        description="Redis or Valkey: `redis://[USER:PASSWORD@]HOST:PORT/NUMBER`, `rediss://` with TLS, `unix:///PATH`.",
    )
    prefix: KafkaName = Field(
        default="",
        max_length=100,
        description="Prefix of every topic name and Redis key, such as `staging.`, so that several engines can share "
        "servers. Letters, digits, `.`, `_`, `-`.",
    )
    group: str = Field(
        default="signal-engine", min_length=1, max_length=249, description="Consumer group of the workers."
    )
    instance: KafkaName = Field(
        default="",
        max_length=249,
        description="Stable name of this worker, unique per worker: after a crash it gets its partitions back within "
        "seconds. Empty: an ordinary member of the group.",
    )
    scoring: str = Field(
        default="config/scoring.yaml", min_length=1, description="The scoring file, as long as none is published."
    )
    icps: str = Field(
        default="",
        description="ICP files, separated by commas, that the first worker publishes where no ICP is, without alerts.",
    )
    plays: str = Field(
        default=DEFAULT_PLAYS,
        min_length=1,
        description="The plays file: the next step that account pages and `explain` show. Where this is not set and "
        "the file is missing, none is shown.",
    )
    routes: str = Field(
        default=DEFAULT_ROUTES,
        min_length=1,
        description="The routes file: which alerts go where, when, and who is held back.",
    )
    partitions: int = Field(
        default=12,
        ge=1,
        le=1_000,
        description="Partitions of the topics that `topics create` creates; also the maximum number of workers.",
    )
    publish_seconds: float = Field(
        default=2, ge=0.1, le=60.0, description="Interval between list evaluations, in seconds (0.1 to 60)."
    )
    remembered_ids: int = Field(
        default=REMEMBERED_IDS,
        ge=1,
        le=65_536,
        description="Event ids kept per account for deduplication, 16 bytes each.",
    )
    shared_hosts: SharedHostsText = Field(
        default="",
        description="Shared hosts, which name no account, in addition to the built-in list, separated by commas: "
        "`host.com` is the host and all its subdomains, `*.host.com` the subdomains alone; `-host.com` removes an "
        "entry, for instance to sell to the company that runs it.",
    )
    disposition_days: DispositionDays = Field(
        default="",
        description="Days for which an account leaves its lists after a disposition, such as "
        "`no_response=14,not_now=60`; an outcome that is not named has its default: no_response 30, not_now 90, "
        "no_budget 90, wrong_person 14, competitor 180, not_a_fit 180.",
    )
    privacy_owner: Email = Field(
        default="", description="E-mail address of the one person who lifts `do_not_contact`. Empty: nobody does."
    )
    fetch_megabytes: int = Field(
        default=128,
        ge=8,
        le=65_536,
        description="Megabytes of fetched but unprocessed records per worker, as stored in Kafka, shared among its "
        "topic-partitions; in memory they take about three times as much.",
    )
    batch_megabytes: int = Field(
        default=32,
        ge=1,
        le=1_024,
        description="Largest uncompressed size of one record batch, in megabytes; a larger batch pauses its "
        "topic-partition. A worker can hold one such batch per topic-partition it owns.",
    )
    native: Literal["auto", "off", "check"] = Field(
        default="auto",
        description="Read and judge events natively: `auto`, where installed; `off`; `check`, and some by Python, too.",
    )
    log: Literal["auto", "json", "text"] = Field(
        default="auto", description="Log format on stderr; `auto`: text on a terminal, else JSON Lines."
    )
    api_host: str = Field(
        default="127.0.0.1",
        min_length=1,
        description="Address on which `api` listens; `0.0.0.0` or `::` for access from other machines.",
    )
    api_port: int = Field(default=8080, ge=0, le=65_535, description="Port of `api`; 0 picks a free one.")
    api_tokens: Tokens = Field(
        default=SecretStr(""),
        description="Tokens that `api` accepts, as `read:SHA256`, or `act:EMAIL:SHA256` for a person who may also act "
        "on accounts, or `admin:EMAIL:SHA256` for one who also sees who is in a control group, separated by commas, "
        "blanks or line breaks; `signal-engine api --new-token read` creates one. "
        "`act:SHA256` names nobody and only reads. Empty: no token is required.",
    )
    api_actor: Email = Field(
        default="",
        description="E-mail address of the one person who acts through `api` without a token; only on a loopback "
        "address, without `API_TOKENS`, `API_HOSTS` and `API_OPEN`. Empty: without a token nobody acts.",
    )
    api_open: bool = Field(
        default=False, description="`true`: `api` may listen on a public address without requiring tokens."
    )
    api_hosts: str = Field(
        default="",
        description="`Host` headers that `api` accepts, separated by commas. Empty: this machine's own names if it "
        "listens on a loopback address, else any.",
    )
    api_origins: Origins = Field(
        default="", description="Origins of web pages that may read `api` (CORS), separated by commas."
    )
    api_rate: float = Field(
        default=50, ge=0, le=1_000_000, description="Requests per second and client of `api`; 0: no limit."
    )
    mcp_host: str = Field(default="127.0.0.1", min_length=1, description="Address of `mcp --http`; access: as `api`.")
    mcp_port: int = Field(default=8084, ge=0, le=65_535, description="Port of `mcp --http`; 0 picks a free one.")
    ingest_host: str = Field(
        default="127.0.0.1",
        min_length=1,
        description="Address on which `ingest` listens; `0.0.0.0` or `::` for access from other machines.",
    )
    ingest_port: int = Field(default=8081, ge=0, le=65_535, description="Port of `ingest`; 0 picks a free one.")
    ingest_tokens: WritingTokens = Field(
        default=SecretStr(""),
        description="Tokens that `ingest` accepts, as `write:NAME:SHA256` for the program NAME, or `read:SHA256` for "
        "its metrics alone; `signal-engine ingest --new-token NAME` creates one. Empty: no token is required.",
    )
    ingest_open: bool = Field(
        default=False, description="`true`: `ingest` may listen on a public address without requiring tokens."
    )
    ingest_hosts: str = Field(
        default="", description="`Host` headers that `ingest` accepts; as `API_HOSTS`, separated by commas."
    )
    ingest_rate: float = Field(
        default=1_000, ge=0, le=1_000_000, description="Requests per second and client of `ingest`; 0: no limit."
    )
    ingest_megabytes: int = Field(
        default=64,
        ge=2,
        le=65_536,
        description="Megabytes of requests that `ingest` reads or holds at once; beyond those it answers 429. In "
        "memory they take about five times as much.",
    )
    hooks: str = Field(default="", description="The hooks file: which webhooks `ingest` takes. Empty: none.")
    sync: str = Field(default=DEFAULT_SYNC, min_length=1, description="The sync file: which systems follow.")
    sync_host: str = Field(
        default="127.0.0.1",
        min_length=1,
        description="Address on which `sync` shows its metrics and probes, which name sinks and no accounts.",
    )
    sync_port: int = Field(default=8083, ge=0, le=65_535, description="Port of `sync`; 0 picks a free one.")

    origins: dict[str, str] = Field(default={}, exclude=True)
    """Field -> `environment`, `.env` or `file PATH`; a field not in here has its default."""

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,  # noqa: ARG003 (these three: pydantic passes them by name)
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Use our own source: pydantic's neither report a value's origin nor read `NAME_FILE`."""
        return init_settings, Variables(settings_cls, FIELDS, SECRETS)


_OF_DELIVERY: Final = (*NotifySettings.model_fields, *DeliverySettings.model_fields)
FIELDS: Final = (
    *(name for name in Settings.model_fields if name not in {*_OF_DELIVERY, "origins"}),
    *_OF_DELIVERY,
)
SECRETS: Final = tuple(name for name in FIELDS if isinstance(Settings.model_fields[name].default, SecretStr))
"""Fields that may also be read from a file (`NAME_FILE`) and are masked wherever settings are shown."""


def read_settings() -> Settings:
    """Read the settings in force. Raises `ConfigurationError` with every problem, its variable and place."""
    try:
        settings = Settings()
    except ValidationError as error:
        found = find(FIELDS, SECRETS)
        problems = [f"{found[str(p.path[0])].named}: {p.message}" for p in problems_of(error)]
        raise ConfigurationError(problems) from None
    if problems := list(_disagreements(settings)):
        raise ConfigurationError(problems)
    return settings


def _disagreements(settings: Settings) -> Iterator[str]:
    """Yield a problem for each setting that is set but unused, required but not set, or at odds with another."""
    sasl = {"kafka_sasl_username": settings.kafka_sasl_username}
    sasl["kafka_sasl_password"] = settings.kafka_sasl_password.get_secret_value()
    ssl = {name: getattr(settings, name) for name in ("kafka_ssl_cafile", "kafka_ssl_certfile", "kafka_ssl_keyfile")}
    yield from protocol_problems(settings.kafka_security_protocol, sasl, ssl)
    yield from (f"{variable(field)}: {wrong}" for field, wrong in delivery_disagreements(settings))
    yield from actor_problems(
        settings.api_actor,
        settings.api_host,
        settings.api_hosts,
        settings.api_tokens.get_secret_value(),
        is_open=settings.api_open,
    )


def shown(settings: Settings, field: str) -> str | int | float | bool:
    """A setting's value for display, with passwords masked."""
    value: str | int | float | bool | SecretStr = getattr(settings, field)
    if not isinstance(value, SecretStr):
        return value
    secret = value.get_secret_value()
    if field == "redis_url":
        return masked_url(secret)
    return MASK if secret else ""
