"""The sync file as models: what may stand in it. `schemas/sync.json` is made of them."""

import re
from typing import Annotated, Final, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from signal_engine.core.sync.changes import Change
from signal_engine.core.sync.stages import CrmRelation
from signal_engine.wire.config.file_paths import FilePath

_SINK_NAME: Final = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}")
_LABEL: Final = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_SALESFORCE: Final = re.compile(
    rf"https://(?:{_LABEL}\.)+(?:salesforce\.com|force\.com|salesforce\.mil|cloudforce\.com)", re.ASCII
)
SALESFORCE_DOMAINS: Final = "salesforce.com, force.com, salesforce.mil or cloudforce.com"
_CRM_FIELD: Final = re.compile(r"[A-Za-z]\w{0,99}(?:\.[A-Za-z]\w{0,99}){0,3}", re.ASCII)
_API_VERSION: Final = re.compile(r"v[1-9][0-9]\.0")


def _sink_name(name: str) -> str:
    if _SINK_NAME.fullmatch(name) is None:
        raise ValueError("must be up to 40 small letters, digits, - or _")
    return name


_LOGIN_HOSTS: Final = frozenset({"https://login.salesforce.com", "https://test.salesforce.com"})


def is_salesforce(url: str) -> bool:
    """Whether a token may be sent there: https, and one of Salesforce's own domains, without port, path or user.

    They are those of Salesforce's sfdx-core (src/util/sfdcUrl.ts) that have instances, and that of Government Cloud.
    """
    return _SALESFORCE.fullmatch(url) is not None


def _instance(url: str) -> str:
    if not is_salesforce(url):
        raise ValueError(f"must be https:// and a host in {SALESFORCE_DOMAINS}, such as https://acme.my.salesforce.com")
    if url in _LOGIN_HOSTS:  # "request not supported on this domain"
        raise ValueError("must be your My Domain, such as https://acme.my.salesforce.com: apps get no tokens there")
    return url


def _version(text: str) -> str:
    if _API_VERSION.fullmatch(text) is None:
        raise ValueError("must be a version of the API, such as v66.0")
    return text


def _crm_field(name: str) -> str:
    if _CRM_FIELD.fullmatch(name) is None:
        raise ValueError("must be the name of a field, such as sdr or SDR__r.Name")
    return name


_Stage = Annotated[str, Field(strict=True, min_length=1, max_length=100)]
_Of = Annotated[str, Field(strict=True, min_length=1, max_length=100)]
_Calls = Annotated[int, Field(strict=True, ge=10, le=1_000_000, description="Requests a day (UTC), at most.")]
_Create = Annotated[bool, Field(strict=True, description="Whether records are created for accounts that have none.")]


class _SyncPart(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class CrmReadingModel(_SyncPart):
    """What comes back out of a CRM, on a schedule of the process."""

    every: Annotated[
        int, Field(strict=True, ge=60, le=604_800, description="Seconds between two readings, at least.")
    ] = 3_600
    deals: Annotated[bool, Field(strict=True, description="What came of accounts, as `sync deals` reads it.")] = True
    accounts: Annotated[
        bool, Field(strict=True, description="What they are to us and whose they are, as `sync accounts` reads it.")
    ] = True
    stages: Annotated[
        dict[_Stage, CrmRelation] | None,
        Field(description="Stage of the CRM -> relation; without it HubSpot's and Salesforce's own stages."),
    ] = None
    sdr: Annotated[
        Annotated[str, Field(strict=True), AfterValidator(_crm_field)] | None,
        Field(description="The CRM's field that names who calls: `sdr`, `SDR__c`, `SDR__r.Name`."),
    ] = None


TaskOccasion = Literal["hand_raise", "entered_hot"]
_Tasks = Annotated[
    list[TaskOccasion], Field(description="Types of alerts of which the person gets a task; without it none.")
]
_Read = Annotated[CrmReadingModel | None, Field(description="What comes back, on a schedule; without it nothing does.")]


class HubSpotSinkModel(_SyncPart):
    """Companies of a HubSpot account get the twelve fields."""

    token_file: Annotated[FilePath, Field(description="File with a service key, or the access token of a private app.")]
    create: _Create = False
    calls_per_day: _Calls = 100_000
    read: _Read = None
    tasks: _Tasks = []


class SalesforceSinkModel(_SyncPart):
    """Accounts of a Salesforce org get the twelve fields."""

    instance: Annotated[
        Annotated[str, Field(strict=True), AfterValidator(_instance)],
        Field(description="The org's own address, such as https://acme.my.salesforce.com."),
    ]
    client_id_file: Annotated[FilePath, Field(description="File with the consumer key of the app.")]
    client_secret_file: Annotated[FilePath, Field(description="File with its consumer secret.")]
    api_version: Annotated[str, Field(strict=True), AfterValidator(_version)] = "v66.0"
    create: _Create = False
    calls_per_day: _Calls = 20_000
    read: _Read = None
    tasks: _Tasks = []


class LinkedInSinkModel(_SyncPart):
    """Company lists for LinkedIn Matched Audiences, as CSV files."""

    folder: Annotated[FilePath, Field(description="Where the files are written; it must exist.")]
    of: Annotated[_Of, Field(description="A list or a selection: `nurture`, `audience` or `exclude`.")] = "audience"


class WebhookSinkModel(_SyncPart):
    """Every change of a list as a Standard Webhook."""

    url_file: Annotated[FilePath, Field(description="File with the URL.")]
    secret_file: Annotated[FilePath, Field(description="File with the secrets, one a line: whsec_ and base64.")]
    of: Annotated[_Of, Field(description="A list or a selection.")] = "all"
    changes: Annotated[list[Change], Field(min_length=1, description="Which changes are sent.")] = ["entered", "left"]
    verify: Annotated[
        bool, Field(strict=True, description="Send nothing before the receiver has given back a token that it is sent.")
    ] = False


class FilesSinkModel(_SyncPart):
    """Lists and the scores of each day as files, or one list or selection alone."""

    folder: Annotated[FilePath, Field(description="Where the files are written; it must exist.")]
    of: Annotated[
        _Of | None, Field(description="A list or a selection, which alone is written; without it all lists and scores.")
    ] = None
    parquet: Annotated[bool, Field(strict=True, description="Scores as Parquet, too; needs the extra `parquet`.")] = (
        False
    )

    @model_validator(mode="after")
    def _scores_are_written(self) -> "FilesSinkModel":
        if self.parquet and self.of is not None:
            raise ValueError("must not have `parquet` beside `of`: it is for scores, which `of` leaves out")
        return self


class SinkModel(_SyncPart):
    """One system that follows; exactly one kind."""

    hubspot: HubSpotSinkModel | None = None
    salesforce: SalesforceSinkModel | None = None
    linkedin: LinkedInSinkModel | None = None
    webhook: WebhookSinkModel | None = None
    files: FilesSinkModel | None = None

    @model_validator(mode="after")
    def _one(self) -> "SinkModel":
        if len(self.model_fields_set) != 1 or getattr(self, next(iter(self.model_fields_set))) is None:
            raise ValueError(f"must have exactly one of {', '.join(type(self).model_fields)}")
        return self

    @property
    def read(self) -> CrmReadingModel | None:
        """What comes back out of it, on a schedule."""
        crm = self.hubspot or self.salesforce
        return None if crm is None else crm.read

    @property
    def tasks(self) -> list[TaskOccasion]:
        """Of which alerts the person gets a task there."""
        crm = self.hubspot or self.salesforce
        return [] if crm is None else crm.tasks

    @property
    def kind(self) -> str:
        """Its kind, as the file has it."""
        return next(iter(self.model_fields_set))


def tasks_name(sink: str) -> str:
    """What the tasks in a CRM are called beside its sink; no sink can be called so."""
    return f"{sink}.tasks"


def deals_name(sink: str) -> str:
    """What the ledger is called that has what was told of a CRM's deals; no sink can be called so."""
    return f"{sink}.deals"


SinkName = Annotated[str, Field(strict=True), AfterValidator(_sink_name)]


class SyncModel(_SyncPart):
    """`config/sync.yaml`: which systems follow the engine."""

    version: Literal[1]
    every: Annotated[
        int, Field(strict=True, ge=1, le=86_400, description="Seconds between two looks at what has changed.")
    ] = 60
    sinks: Annotated[dict[SinkName, SinkModel], Field(min_length=1)]
