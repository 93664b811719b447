"""The settings of what leaves for people: links, where messages may be sent, and the mail server."""

from typing import Literal

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings

from signal_engine.entrypoints.wiring.setting_types import CrmUrl, LinkKeys, Networks, ProxyUrl, PublicUrl


class DeliverySettings(BaseSettings):
    """As `Settings`, of which they are a part."""

    crm_url: CrmUrl = Field(
        default="",
        description="Link to an account in the CRM, with `{crm_id}` or `{account_id}` in its path or query, such as "
        "`https://crm.example.com/accounts/{crm_id}`; http or https. Empty: no link.",
    )
    public_url: PublicUrl = Field(
        default="",
        description="Where people reach the dashboard of `api`, such as `https://signals.example.com`; "
        "messages link to its account pages. Empty: no such links.",
    )
    local_inbox: bool = Field(
        default=False,
        description="Keep all messages and digests on the page Inbox of `api` instead of sending them: nothing leaves "
        "for Slack, mail servers or webhooks; `sync` writes to CRMs all the same. For the demo, and to see what a "
        "routes file does before it is used.",
    )
    outgoing_allow: Networks = Field(
        default="",
        description="Networks of your own to which messages may be sent, such as `10.2.0.0/16`, separated by commas. "
        "Empty: public addresses alone.",
    )
    outgoing_proxy: ProxyUrl = Field(
        default=SecretStr(""),
        description="Egress proxy through which https leaves, `http://[USER:PASSWORD@]HOST:PORT`; it then decides "
        "which addresses may be spoken to. Mail, and http in networks of `OUTGOING_ALLOW`, leave directly. "
        "Empty: none.",
    )
    slack_api: PublicUrl = Field(
        default="https://slack.com/api",
        min_length=1,
        description="Where Slack's API answers: `https://slack-gov.com/api` for GovSlack; others only for tests.",
    )
    link_keys: LinkKeys = Field(
        default=SecretStr(""),
        description="Keys of the links in mails by which people claim and snooze, `NAME:BASE64`, one per line: the "
        "first signs, all are accepted. `api` and `notify` need the same ones. Empty: mails have no such links.",
    )
    slack_signing_secret: SecretStr = Field(
        default=SecretStr(""),
        description="Signing secret of the Slack app whose clicks come to `api`; while it is replaced, both, separated "
        "by a blank or a line break. Empty: messages in Slack have no buttons that act.",
    )
    smtp_host: str = Field(default="", description="The mail server that takes e-mail. Empty: none is sent.")
    smtp_port: int = Field(default=587, ge=1, le=65_535, description="Its port; usually 587, and 465 with `tls`.")
    smtp_tls: Literal["starttls", "tls", "none"] = Field(
        default="starttls",
        description="`starttls`: the connection begins plain and is refused where the server does not encrypt it; "
        "`tls`: encrypted from the start; `none`: never, only in networks of `OUTGOING_ALLOW`.",
    )
    smtp_cafile: str = Field(
        default="", description="PEM file of the CAs that sign its certificate; empty: the system's CAs."
    )
    smtp_user: str = Field(default="", description="User name at the mail server. Empty: it asks for none.")
    smtp_password: SecretStr = Field(default=SecretStr(""), description="Its password.")


def delivery_disagreements(settings: DeliverySettings) -> list[tuple[str, str]]:
    """Fields of the mail server that do not fit the others, each with what is wrong."""
    password = settings.smtp_password.get_secret_value()
    wrong = []
    if settings.link_keys.get_secret_value() and not settings.public_url:
        wrong.append(("link_keys", "is only used with SIGNAL_ENGINE_PUBLIC_URL, to which the links go"))
    if password and not settings.smtp_user:
        wrong.append(("smtp_password", "is only used with a user, and there is none"))
    if settings.smtp_user and not password:
        wrong.append(("smtp_user", "is only used with a password, and there is none"))
    if settings.smtp_user and settings.smtp_tls == "none":
        wrong.append(("smtp_tls", "is none, and the password would be sent unencrypted"))
    return wrong
