"""The records of the topic `rules` as TypedDicts: what pydantic validates, strictly, and what the schemas say.

They are closed: an unknown field is an error, since a rule that is only half understood must not come into force. A new
field is a new `format`.
"""

from typing import Annotated, Final, Literal, NotRequired, TypeAlias

from pydantic import ConfigDict, Field, with_config
from typing_extensions import TypedDict  # typing's own tells pydantic too little before Python 3.12

from signal_engine.core.fit.icp import MAX_ICPS
from signal_engine.core.sync.wiring import Downstream
from signal_engine.wire.actions.models import MAX_REASON, Email, IcpId, Instant

FORMAT: Final = 1

_CLOSED: Final = ConfigDict(extra="forbid", strict=True)
_MAX_NAME: Final = 255
_MAX_TEXT: Final = 256 * 1024

_Format: TypeAlias = Annotated[Literal[1], Field(description="Of the record; another one is not read.")]
_Version: TypeAlias = Annotated[int, Field(ge=1, description="The version in the file.")]
_By: TypeAlias = Annotated[
    Email | Literal["first start"],
    Field(description="E-mail of the person who published it; `first start` where it was in force already."),
]
_Reason: TypeAlias = Annotated[
    str, Field(min_length=1, max_length=MAX_REASON, description="Why, in a sentence, without personal data.")
]
_At: TypeAlias = Annotated[Instant, Field(description="When, for people; the record's timestamp decides.")]
_Name: TypeAlias = Annotated[str, Field(min_length=1, max_length=_MAX_NAME, description="Name of the file.")]
_Text: TypeAlias = Annotated[str, Field(min_length=1, max_length=_MAX_TEXT, description="The file, as it was written.")]
_Hash: TypeAlias = Annotated[
    str, Field(pattern=r"^[0-9a-f]{12}$", description="First 12 digits of the SHA-256 of `text`.")
]
_ConfigVersion: TypeAlias = Annotated[
    str, Field(pattern=r"^[0-9]+-[0-9a-f]{8}$", description="Version and hash of the scoring file: `1-3f2a9c1d`.")
]
_RulesHash: TypeAlias = Annotated[
    str, Field(pattern=r"^[0-9a-f]{8}$", description="Of what stored states depend on: another one takes a rebuild.")
]
_Publication: TypeAlias = Annotated[
    int, Field(ge=1, description="Number of the publication; rises by one with each. 1 is the first.")
]


@with_config(_CLOSED)
class IcpVersionRecord(TypedDict):
    """One version of an ICP; key `icp/ID/VERSION/HASH`. Whether it is in force, `current/icp` says."""

    format: _Format
    icp: IcpId
    version: _Version
    hash: _Hash
    name: _Name
    text: _Text
    by: _By
    reason: _Reason
    at: _At
    rollback_to: NotRequired[Annotated[_Version, Field(description="The earlier version whose content this is.")]]


@with_config(_CLOSED)
class ScoringVersionRecord(TypedDict):
    """One version of the scoring file; key `scoring/CONFIG_VERSION`."""

    format: _Format
    config_version: _ConfigVersion
    rules_hash: _RulesHash
    name: _Name
    text: _Text
    by: _By
    reason: _Reason
    at: _At
    rollback_to: NotRequired[Annotated[_ConfigVersion, Field(description="The earlier one whose content this is.")]]


@with_config(_CLOSED)
class NamedIcp(TypedDict):
    """An ICP version, named."""

    icp: IcpId
    version: _Version
    hash: _Hash


@with_config(_CLOSED)
class CurrentIcpRecord(TypedDict):
    """Which ICP versions are to be in force together; key `current/icp`."""

    format: _Format
    publication: _Publication
    icps: Annotated[list[NamedIcp], Field(min_length=1, max_length=MAX_ICPS)]
    quiet: Annotated[bool, Field(description="Whether the alerts that the change raises are recorded and not sent.")]
    by: _By
    reason: _Reason
    at: _At


@with_config(_CLOSED)
class CurrentScoringRecord(TypedDict):
    """Which scoring file is to be in force; key `current/scoring`."""

    format: _Format
    publication: _Publication
    config_version: _ConfigVersion
    by: _By
    reason: _Reason
    at: _At


@with_config(_CLOSED)
class WiringConfirmedRecord(TypedDict):
    """A person says that a version of an ICP changed a system that the engine cannot see; key
    `wiring/ID/VERSION/SYSTEM`.
    """

    format: _Format
    icp: IcpId
    version: _Version
    system: Annotated[Downstream, Field(description="Which system has changed.")]
    by: Annotated[Email, Field(description="Who says so.")]
    note: Annotated[
        str,
        Field(min_length=1, max_length=MAX_REASON, description="What changed in it, without personal data."),
    ]
    at: _At
