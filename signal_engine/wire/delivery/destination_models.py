"""The destinations of a routes file as models: how each is reached."""

import re
from email.errors import MessageError
from email.headerregistry import Address
from typing import Annotated, Final, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from signal_engine.core.delivery.routes import DESTINATION_KINDS, DestinationKind
from signal_engine.wire.config.file_paths import FilePath

_EMAIL: Final = re.compile(r"[^\s@<>,;\"]+@[^\s@<>,;\"]+\.[^\s@<>,;\"]+")

_SCHEME: Final = re.compile(r"[a-z0-9]{1,30}")
_NOT_FOR_APPRISE: Final = frozenset({
    "dbus", "gio", "glib", "gnome", "kde", "macosx", "qt", "syslog", "windows",
    "apprise", "apprises", "form", "forms", "http", "https", "json", "jsons", "mailto", "mailtos", "rsyslog",
    "xml", "xmls",
})  # fmt: skip
"""Schemes that show something on this machine, and those that post to whatever address they name."""


def _not_blank(text: str) -> str:
    if not text.strip():
        raise ValueError("must not be empty")
    return text.strip()


def _email(address: str) -> str:
    try:
        if _EMAIL.fullmatch(address) is not None and address.isascii():
            Address(addr_spec=address)  # what a mail cannot be addressed to is refused here, not when it is sent
            return address
    except (ValueError, MessageError):
        pass
    raise ValueError("must be an e-mail address, such as ann@example.com")


def _sender(address: str) -> str:
    named = re.fullmatch(r"[^<>\r\n]*<([^<>]+)>", address)
    return address if named and _email(named[1]) else _email(address)


def _scheme(name: str) -> str:
    """An Apprise scheme that speaks to a service on the net."""
    if name in _NOT_FOR_APPRISE:
        raise ValueError(f"must be that of one service; {name!r} goes to this machine or to any address")
    if _SCHEME.fullmatch(name) is None:
        raise ValueError("must be what an Apprise URL begins with, without ://, such as ntfys or tgram")
    return name


Name = Annotated[str, Field(strict=True, max_length=100), AfterValidator(_not_blank)]
EmailAddress = Annotated[str, Field(strict=True, max_length=254), AfterValidator(_email)]


class _DestinationPart(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class SlackPlace(_DestinationPart):
    """A Slack channel, or each person's direct messages."""

    token_file: Annotated[FilePath | None, Field(description="File with the bot token.")] = None
    channel: Annotated[Name | None, Field(description='With a bot token: the channel, such as "#sdr-west".')] = None
    direct: Annotated[Literal[True] | None, Field(description="With a bot token: to the person, found by e-mail.")] = (
        None
    )
    url_file: Annotated[
        FilePath | None, Field(description="File with the URL of an incoming webhook, instead of a bot token.")
    ] = None

    @model_validator(mode="after")
    def _one_way(self) -> "SlackPlace":
        if (self.token_file is None) == (self.url_file is None):
            raise ValueError("must have either token_file or url_file")
        if self.url_file is not None and (self.channel or self.direct):
            raise ValueError("takes no channel and no direct with url_file: an incoming webhook has its own channel")
        if self.token_file is not None and (self.channel is None) == (self.direct is None):
            raise ValueError("must have either channel or direct: true")
        return self


class WebhookPlace(_DestinationPart):
    """A URL that takes Standard Webhooks."""

    url_file: Annotated[FilePath, Field(description="File with the URL, which is often a secret itself.")]
    secret_file: Annotated[
        FilePath, Field(description="File with the signing secrets, one a line; while rotating, each of them signs.")
    ]
    verify: Annotated[
        bool, Field(strict=True, description="Send nothing before the receiver has given back a token that it is sent.")
    ] = False


class EmailPlace(_DestinationPart):
    """E-mail, to the person or to fixed addresses."""

    sender: Annotated[str, Field(strict=True, alias="from"), AfterValidator(_sender)]
    to: Annotated[
        list[EmailAddress] | None, Field(min_length=1, description="Fixed addresses; without it, the person's own.")
    ] = None


class TeamsPlace(_DestinationPart):
    """A channel or chat of Microsoft Teams, by a flow of Workflows."""

    url_file: Annotated[FilePath, Field(description="File with the URL of the flow, which is the secret.")]


class ApprisePlace(_DestinationPart):
    """A service that Apprise knows. It opens its own connections, so nothing checks where they go."""

    url_file: Annotated[FilePath, Field(description="File with one Apprise URL, which is the secret.")]
    schemes: Annotated[
        list[Annotated[str, Field(strict=True), AfterValidator(_scheme)]],
        Field(min_length=1, description="What the URL may begin with, such as `ntfys`: nothing else is spoken to."),
    ]


class DestinationModel(_DestinationPart):
    """One destination: exactly one of the kinds."""

    slack: SlackPlace | None = None
    webhook: WebhookPlace | None = None
    email: EmailPlace | None = None
    teams: TeamsPlace | None = None
    apprise: ApprisePlace | None = None

    @model_validator(mode="after")
    def _one_kind(self) -> "DestinationModel":
        if len(self._kinds()) != 1:
            raise ValueError(f"must have exactly one of {', '.join(DESTINATION_KINDS)}")
        return self

    def _kinds(self) -> list[DestinationKind]:
        return [kind for kind in DESTINATION_KINDS if getattr(self, kind) is not None]

    @property
    def kind(self) -> DestinationKind:
        """Which of the kinds it is."""
        return self._kinds()[0]

    @property
    def personal(self) -> bool:
        """Whether it reaches the person whom an alert is for."""
        if self.slack is not None:
            return bool(self.slack.direct)
        return self.email is not None and self.email.to is None
