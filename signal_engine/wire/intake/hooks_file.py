"""A hooks file: YAML to `Hooks`, every error with file and line."""

from collections.abc import Iterator
from typing import Annotated, Final, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, ValidationError

from signal_engine.core.rules.problems import Problem
from signal_engine.wire.config import yaml_files
from signal_engine.wire.config.yaml_files import Path
from signal_engine.wire.events.account_names import NotAnAccount, normalise
from signal_engine.wire.intake.hooks import HMAC_SHA256, HUBSPOT_V3, TOKEN, Hook, Hooks, Scheme, Signature
from signal_engine.wire.intake.mapping import Mapping
from signal_engine.wire.intake.models import Strict, Text, zone

_OF_HMAC: Final = ("prefix", "encoding", "timestamp_header", "tolerance_seconds", "signed")
"""Keys of `signature` that only `hmac-sha256` has."""
_BODY: Final = "{body}"
_TIMESTAMP: Final = "{timestamp}"


def _account(value: str) -> str:
    found = normalise(value)
    if isinstance(found, NotAnAccount):
        raise ValueError(found.reason)  # noqa: TRY004 (pydantic wants it)
    return found


def _public_url(value: str) -> str:
    parts = urlsplit(value)
    if parts.scheme != "https" or not parts.hostname or parts.path not in {"", "/"} or parts.query:
        raise ValueError("must be https://HOST[:PORT] without a path")
    return value.rstrip("/")


class _SignatureSection(Strict):
    scheme: Scheme
    secret_file: Text | None = None
    secret_env: Text | None = None
    header: Annotated[str, Field(pattern=r"^[A-Za-z0-9-]{1,100}$")] | None = None
    prefix: str | None = None
    encoding: Literal["hex", "base64"] | None = None
    timestamp_header: Annotated[str, Field(pattern=r"^[A-Za-z0-9-]{1,100}$")] | None = None
    tolerance_seconds: Annotated[int, Field(ge=1, le=3_600)] | None = None
    signed: Text | None = None

    def signature(self) -> Signature:
        """As a value."""
        dated = self.timestamp_header is not None
        return Signature(
            self.scheme,
            self.secret_file,
            self.secret_env,
            (self.header or "").lower(),
            self.prefix or "",
            self.encoding or "hex",
            (self.timestamp_header or "").lower(),
            self.tolerance_seconds or 300,
            self.signed or (f"{_TIMESTAMP}.{_BODY}" if dated else _BODY),
        )

    def problems(self) -> Iterator[Problem]:
        """Keys that contradict each other or are missing."""
        if (self.secret_file is None) == (self.secret_env is None):
            yield Problem((), "needs either secret_file or secret_env")
        needs_header = self.scheme in {HMAC_SHA256, TOKEN}
        if needs_header != (self.header is not None):
            yield Problem(("header",), "is required" if needs_header else f"is fixed by {self.scheme}")
        if self.scheme != HMAC_SHA256:
            for key in _OF_HMAC:
                if getattr(self, key) is not None and not (self.scheme == TOKEN and key == "prefix"):
                    yield Problem((key,), f"belongs to {HMAC_SHA256}")
            return
        if self.signed is not None and _BODY not in self.signed:
            yield Problem(("signed",), f"must contain {_BODY}")
        if self.signed is not None and (_TIMESTAMP in self.signed) != (self.timestamp_header is not None):
            yield Problem(("signed",), f"{_TIMESTAMP} and timestamp_header belong together")
        if self.tolerance_seconds is not None and self.timestamp_header is None:
            yield Problem(("tolerance_seconds",), "needs timestamp_header")


class _HookSection(Strict):
    mapping: Text
    signature: _SignatureSection
    account: Annotated[str, AfterValidator(_account)] | None = None
    timezone: Annotated[str, AfterValidator(zone)] | None = None
    public_url: Annotated[str, AfterValidator(_public_url)] | None = None

    def problems(self) -> Iterator[Problem]:
        """Also of its signature."""
        for one in self.signature.problems():
            yield Problem(("signature", *one.path), one.message)
        if (self.signature.scheme == HUBSPOT_V3) != (self.public_url is not None):
            wrong = "is required by" if self.public_url is None else "is only used by"
            yield Problem(("public_url",), f"{wrong} {HUBSPOT_V3}, which signs the address")


class _HooksFile(Strict):
    hooks: Annotated[
        dict[Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,63}$")], _HookSection],
        Field(min_length=1, max_length=100),
    ]


def parse(name: str, text: bytes) -> Hooks:
    """The hooks file `name`. Raises `ConfigurationError`."""
    document = yaml_files.read(name, text)
    try:
        file = _HooksFile.model_validate(document.data)
    except ValidationError as error:
        raise document.error(yaml_files.problems_of(error)) from None
    problems = [
        Problem(("hooks", hook, *one.path), one.message) for hook, it in file.hooks.items() for one in it.problems()
    ]
    if problems:
        raise document.error(problems)
    return Hooks(
        tuple(
            Hook(hook, it.mapping, it.signature.signature(), it.account, it.timezone, it.public_url or "")
            for hook, it in file.hooks.items()
        ),
        document,
    )


def check_mappings(hooks: Hooks, mappings: dict[str, Mapping]) -> None:
    """Whether each hook can work with its mapping (by the hook's name). Raises `ConfigurationError`."""
    problems = [
        Problem(("hooks", hook.name, *path), message)
        for hook in hooks.hooks
        for path, message in _misfits(hook, mappings[hook.name])
    ]
    if problems:
        raise hooks.document.error(problems)


def _misfits(hook: Hook, mapping: Mapping) -> Iterator[tuple[Path, str]]:
    said = ("mapping",)
    if mapping.accounts is not None:
        yield said, f"{mapping.name} makes accounts, and a hook takes events"
    elif mapping.reads != "json":
        yield said, f"{mapping.name} reads the columns of a table, and a webhook brings JSON (`reads: json`)"
    sources = [source for production in mapping.productions for source in production.accounts]
    if any(source.reference is None for source in sources) and hook.account is None:
        yield ("account",), f"is required: {mapping.name} says that the account is given"
    if mapping.state_feed and not hook.signature.is_dated:
        again = f"{hook.signature.scheme} has no timestamp, so an old delivery can be sent again"
        yield ("signature", "scheme"), f"{again}: {mapping.name} is a state feed, and would take it for what is so now"
    elif not hook.signature.is_dated and not all(production.identity.key for production in mapping.productions):
        again = f"{hook.signature.scheme} has no timestamp, so an old delivery can be sent again"
        yield ("signature", "scheme"), f"{again}: {mapping.name} needs a natural key (event_id: a list, or `or`)"
