"""Salesforce: accounts found by SOQL and written by sObject collections, with an error for each record not taken."""

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final
from urllib.parse import urlencode

from signal_engine.adapters.outgoing.crm.answers import as_described
from signal_engine.adapters.outgoing.crm.api_calls import (
    UNAUTHORIZED,
    ApiCalls,
    error_name,
    in_groups,
    in_query,
    refusal,
)
from signal_engine.core.sync.fields import CRM_FIELDS, EXTERNAL_ID, LONGEST_TEXT, CrmField, FieldValue
from signal_engine.engine.sync.sink import FoundRecords, RecordKey, RecordWrite, SinkTrouble, WrittenRecord
from signal_engine.wire.events.account_names import normalise
from signal_engine.wire.instants import format_instant
from signal_engine.wire.sync.sync_models import SALESFORCE_DOMAINS, is_salesforce

_RECORDS: Final = 200
"""Records of a collection, at most (REST API, sObject Collections)."""
_SOUGHT: Final = 20
"""Accounts of a query: with all the ways to write a website of usual length they fit into its line."""
_ROOM_FOR_VALUES: Final = 13_000
"""Bytes of the values of a query: its line and headers together may have 16,384 (REST API, Status Codes, 431)."""
_ID: Final = re.compile(r"[A-Za-z0-9]{15}(?:[A-Za-z0-9]{3})?")
_ID_LETTERS: Final = 15
"""Letters that tell a record; three more only check them."""
_LONGEST_ID: Final = 18
_SCHEMES: Final = ("", "http://", "https://")
_HOSTS: Final = ("", "www.")
_ENDS: Final = ("", "/")
_UPDATES: Final = "composite/sobjects"
_OK: Final = 200
_CREATED: Final = 201


def next_page(document: Mapping[str, Any]) -> str | None:
    """The path of the next page of a query's answer, if it has one."""
    more = document.get("nextRecordsUrl")
    return f"query/{str(more).rpartition('/')[2]}" if more else None


def api_name(field: CrmField) -> str:
    """The name of the field: `SE_Why_Now__c`."""
    return "SE_" + "_".join(word.capitalize() for word in field.name.split("_")) + "__c"


_NAMES: Final = {field.name: api_name(field) for field in CRM_FIELDS}
_INSTANTS: Final = frozenset(field.name for field in CRM_FIELDS if field.type == "instant")
OWN_ID: Final = api_name(EXTERNAL_ID)


class _MalformedId(SinkTrouble):
    """Salesforce refuses a whole query, since it cannot read one of its ids."""


class Salesforce:
    """`RecordSystem`. OAuth 2.0 client credentials: the app's user needs to read and edit accounts and our fields."""

    sought_at_once: int = _SOUGHT
    written_at_once: int = _RECORDS

    def __init__(
        self, calls: ApiCalls, instance: str, version: str, client_id: str, client_secret: str, *, checked: bool = True
    ) -> None:
        """`checked` is False in tests alone: then tokens go to whatever address the org names."""
        self._calls, self._instance, self._version, self._checked = calls, instance, version, checked
        self._credentials = {
            "grant_type": "client_credentials", "client_id": client_id, "client_secret": client_secret,
        }  # fmt: skip
        self._token: str | None = None
        self._url = instance

    @as_described
    async def find(self, keys: Sequence[RecordKey]) -> Sequence[FoundRecords]:
        """See `RecordSystem`. One call, more where names are long or have many records."""
        found: list[FoundRecords] = []
        for some in in_groups(keys, _ROOM_FOR_VALUES, _room_of):
            found += await self._found(some)
        return found

    async def _found(self, keys: Sequence[RecordKey]) -> list[FoundRecords]:
        ids = [key.crm_id for key in keys if key.crm_id and _ID.fullmatch(key.crm_id)]
        accounts = [key.account for key in keys]
        either = [
            f"{OWN_ID} IN ({_listed(accounts)})",
            f"Website IN ({_listed(way for account in accounts for way in _websites(account))})",
            *([f"Id IN ({_listed(ids)})"] if ids else []),
        ]
        try:
            records = await self._records(" OR ".join(either))
        except _MalformedId:
            if not ids:
                raise
            if len(keys) == 1:
                return await self._found([keys[0]._replace(crm_id=None)])
            half = len(keys) // 2
            return [*await self._found(keys[:half]), *await self._found(keys[half:])]
        return [FoundRecords(key.account, _those_of(key, records)) for key in keys]

    @as_described
    async def holders(self, record_ids: Sequence[str]) -> Mapping[str, str]:
        """See `RecordSystem`. One call."""
        records = await self._records(f"Id IN ({_listed(record_ids)})")
        return {str(one["Id"]): str(one.get(OWN_ID) or "").lower() for one in records}

    @as_described
    async def write(self, writes: Sequence[RecordWrite]) -> Sequence[WrittenRecord]:
        """See `RecordSystem`. One call for records to update, and one for those to create, where there are any."""
        updates = [one for one in writes if one.record_id is not None]
        creates = [one for one in writes if one.record_id is None]
        ended: dict[str, WrittenRecord] = {}
        if updates:
            records = [{**_ACCOUNT, "id": one.record_id, **_fields(one)} for one in updates]
            ended |= await self._collection(_UPDATES, updates, records)
        if creates:
            records = [{**_ACCOUNT, **_to_create(one)} for one in creates]
            ended |= await self._collection(f"composite/sobjects/Account/{OWN_ID}", creates, records)
        return [ended[one.account] for one in writes]

    @as_described
    async def missing(self) -> Sequence[CrmField]:
        """Our fields that the app's user does not see on accounts, our own id among them."""
        status, document = await self.call("GET", "sobjects/Account/describe")
        if status != _OK or not isinstance(document, dict):
            raise SinkTrouble(refusal(status, document))
        there = {str(one["name"]).lower(): one for one in document["fields"]}
        if there.get(OWN_ID.lower(), {}).get("externalId") is False:
            raise SinkTrouble(
                f"the field {OWN_ID} of accounts is no external id: make it one in Salesforce, and unique"
            )
        return [field for field in (*CRM_FIELDS, EXTERNAL_ID) if api_name(field).lower() not in there]

    async def set_up(self, missing: Sequence[CrmField]) -> None:
        """Make the `missing` fields, one call each. Raises `SinkTrouble`."""
        for field in missing:
            await self.make_field(f"Account.{api_name(field)}", _metadata(field))

    async def make_field(self, full_name: str, metadata: Mapping[str, Any]) -> None:
        """Make a field, unless it is there and only not shown to the app's user. Raises `SinkTrouble`."""
        asked = {"FullName": full_name, "Metadata": metadata}
        status, document = await self.call("POST", "tooling/sobjects/CustomField", asked)
        if status not in {_OK, _CREATED} and error_name(document) not in _IS_THERE:
            raise SinkTrouble(f"{full_name.partition('.')[2]}: {refusal(status, document)}")

    async def _records(self, where: str) -> list[dict[str, Any]]:
        query = f"SELECT Id, Website, {OWN_ID} FROM Account WHERE {where}"  # noqa: S608 (names and ids)
        path: str | None = f"query?q={in_query(query)}"
        records: list[dict[str, Any]] = []
        while path is not None:
            status, document = await self.call("GET", path)
            if error_name(document) == "INVALID_FIELD":
                raise SinkTrouble(
                    f"the app's user sees no field {OWN_ID} on accounts: `signal-engine sync setup` makes it,"
                    " and a permission set shows it"
                )
            if status != _OK or not isinstance(document, dict):
                is_malformed = error_name(document) == "INVALID_QUERY_FILTER_OPERATOR"
                raise (_MalformedId if is_malformed else SinkTrouble)(refusal(status, document))
            records += document["records"]
            path = next_page(document)
        return records

    async def _collection(
        self, path: str, writes: Sequence[RecordWrite], records: Sequence[Mapping[str, Any]]
    ) -> dict[str, WrittenRecord]:
        """How each ended, in the order of the request; the answer is 200 whatever became of them."""
        status, document = await self.call("PATCH", path, {"allOrNone": False, "records": records})
        if status != _OK or not isinstance(document, list) or len(document) != len(writes):
            raise SinkTrouble(refusal(status, document))
        return {
            write.account: WrittenRecord(write.account, told.get("id") or write.record_id, None)
            if told.get("success")
            else _refused(write.account, told.get("errors") or ())
            for write, told in zip(writes, document, strict=True)
        }

    async def call(self, method: str, path: str, document: Any = None, *, once: bool = False) -> tuple[int, Any]:
        """One call; with a new token where the old one has expired.

        `once`: of what must not be taken twice; raises `UnknownAnswer`, too.
        """
        calling = self._calls.call_once if once else self._calls.call
        for again in (False, True):
            if self._token is None:
                await self._sign_in()
            url = f"{self._url}/services/data/{self._version}/{path}"
            status, told = await calling(method, url, self._as_is if path == _UPDATES else self._headers, document)
            if status != UNAUTHORIZED:
                return status, told
            self._token = None
            if again:
                break
        raise SinkTrouble("Salesforce refuses a token that it has just given: look at the app's user and its policies")

    async def _sign_in(self) -> None:
        status, told = await self._calls.send(
            "POST",
            f"{self._instance}/services/oauth2/token",
            _no_headers,
            urlencode(self._credentials).encode(),
            "application/x-www-form-urlencoded",
        )
        if status != _OK or not isinstance(told, dict) or not isinstance(told.get("access_token"), str):
            raise SinkTrouble(f"Salesforce gives no token: {refusal(status, told)}")
        url = str(told.get("instance_url", "")).rstrip("/")
        if self._checked and not is_salesforce(url):
            raise SinkTrouble(f"Salesforce names an instance outside {SALESFORCE_DOMAINS}: the token goes nowhere")
        self._token, self._url = told["access_token"], url

    async def _headers(self) -> dict[str, str]:
        return {"authorization": f"Bearer {self._token}"}

    async def _as_is(self) -> dict[str, str]:
        """Without this, the org's assignment rules give an account that is updated another territory and owner."""
        return {**await self._headers(), "sforce-auto-assign": "FALSE"}


_ACCOUNT: Final[Mapping[str, Any]] = {"attributes": {"type": "Account"}}
_FOR_GOOD: Final = frozenset({
    "DUPLICATES_DETECTED", "DUPLICATE_VALUE", "FIELD_CUSTOM_VALIDATION_EXCEPTION",
    "FIELD_FILTER_VALIDATION_EXCEPTION", "FIELD_INTEGRITY_EXCEPTION", "INSUFFICIENT_ACCESS_OR_READONLY",
    "INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY", "INVALID_FIELD_FOR_INSERT_UPDATE",
    "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST", "REQUIRED_FIELD_MISSING", "STRING_TOO_LONG",
})  # fmt: skip
"""Errors that are about the record and its rules, and not about the moment (Core Data Types, StatusCode)."""
_IS_THERE: Final = frozenset({"DUPLICATE_DEVELOPER_NAME", "DUPLICATE_VALUE"})
"""Errors of a field whose name another one has: ours, which an earlier setting up has made."""
_GONE: Final = frozenset({"ENTITY_IS_DELETED", "INVALID_CROSS_REFERENCE_KEY", "NOT_FOUND"})


async def _no_headers() -> dict[str, str]:
    return {}


def _listed(values: Any) -> str:
    return ",".join(f"'{value}'" for value in values)


def _websites(account: str) -> list[str]:
    """The ways in which people write the website of a domain."""
    return [f"{scheme}{host}{account}{end}" for scheme in _SCHEMES for host in _HOSTS for end in _ENDS]


def _room_of(key: RecordKey) -> int:
    """Bytes that an account takes in a query: an id, our own id, and its websites."""
    return len(in_query(_listed(["0" * _LONGEST_ID, key.account, *_websites(key.account)]))) + 1


def _those_of(key: RecordKey, records: Sequence[Mapping[str, Any]]) -> Sequence[str]:
    """By id, else by our own id, else by the domain of the website."""
    if key.crm_id and _ID.fullmatch(key.crm_id):
        by_id = [str(one["Id"]) for one in records if str(one["Id"])[:_ID_LETTERS] == key.crm_id[:_ID_LETTERS]]
        if by_id:
            return by_id
    if ours := [str(one["Id"]) for one in records if str(one.get(OWN_ID) or "").lower() == key.account]:
        return ours
    return [str(one["Id"]) for one in records if one.get("Website") and normalise(str(one["Website"])) == key.account]


def _refused(account: str, errors: Sequence[Mapping[str, Any]]) -> WrittenRecord:
    """Why a record was not taken: the code and the fields that it names, never its text, which can quote values."""
    first = errors[0] if errors else {}
    code = str(first.get("statusCode") or "")
    named = [one for one in first.get("fields") or () if isinstance(one, str) and one.replace("_", "").isalnum()]
    said = f"Salesforce refused it ({code if code.isidentifier() else 'no code'})"
    return WrittenRecord(
        account, None, said + (f": {', '.join(named)}" if named else ""), code in _GONE, code in _FOR_GOOD
    )


def _fields(write: RecordWrite) -> dict[str, FieldValue]:
    told = {_NAMES[name]: _value(name, value) for name, value in write.fields.items()}
    if write.release:
        return {**told, OWN_ID: None}
    return {**told, OWN_ID: write.account} if write.identify else told


def _to_create(write: RecordWrite) -> dict[str, FieldValue]:
    named = {"Name": (write.name or write.account)[:LONGEST_TEXT], "Website": write.account}
    return {**named, **_fields(write._replace(identify=False)), OWN_ID: write.account}


def _value(name: str, value: FieldValue) -> FieldValue:
    return format_instant(int(value)) if value is not None and name in _INSTANTS else value


def _metadata(field: CrmField) -> dict[str, Any]:
    kinds: dict[str, dict[str, Any]] = {
        "text": {"type": "Text", "length": LONGEST_TEXT},
        "number": {"type": "Number", "precision": 18, "scale": 0},
        "instant": {"type": "DateTime"},
    }
    unique = {"externalId": True, "unique": True} if field is EXTERNAL_ID else {}
    return {"label": f"SE {field.label}", **kinds[field.type], **unique}
