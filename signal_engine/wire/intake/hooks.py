"""Hooks as values: which webhooks are taken, by which mapping, and how each proves where it comes from."""

from typing import Final, Literal, NamedTuple

from signal_engine.wire.config.yaml_files import Document

Scheme = Literal["standard-webhooks", "hmac-sha256", "hubspot-v3", "segment", "token"]
STANDARD_WEBHOOKS: Final = "standard-webhooks"
HMAC_SHA256: Final = "hmac-sha256"
HUBSPOT_V3: Final = "hubspot-v3"
SEGMENT: Final = "segment"
TOKEN: Final = "token"  # noqa: S105 (the name of a scheme)


class Signature(NamedTuple):
    """How a delivery is verified."""

    scheme: Scheme
    secret_file: str | None
    """Path of a file with the secret; several lines: several secrets, while one replaces another."""
    secret_env: str | None
    """Instead: an environment variable that holds it."""
    header: str = ""
    """`hmac-sha256`, `token`: the header with signature or token, in lower case."""
    prefix: str = ""
    """What stands before it, such as `sha256=`."""
    encoding: Literal["hex", "base64"] = "hex"
    timestamp_header: str = ""
    """`hmac-sha256`: the header with the instant of sending, in lower case; empty: there is none."""
    tolerance_s: int = 300
    """How far that instant may be off, in seconds."""
    signed: str = "{body}"
    """`hmac-sha256`: what is signed, of `{body}` and `{timestamp}`."""

    @property
    def is_dated(self) -> bool:
        """Whether a delivery that was recorded cannot be sent again later."""
        return self.scheme in {STANDARD_WEBHOOKS, HUBSPOT_V3} or bool(self.timestamp_header)


class Hook(NamedTuple):
    """One webhook."""

    name: str
    mapping: str
    """Name of a mapping that ships, or the path of a mapping file."""
    signature: Signature
    account: str | None
    """The account of every row, where the mapping says that it is given."""
    zone: str | None
    """IANA name of the zone of dates that name none."""
    public_url: str
    """The address that the sender knows, without its path; empty where no scheme needs it."""


class Hooks(NamedTuple):
    """A hooks file, read and checked."""

    hooks: tuple[Hook, ...]
    document: Document
