"""HubSpot: companies found and updated in batches, with an error for each company that was not taken.

Paths and shapes are those of HubSpot's own client, hubspot-sdk-python (version 2026-03 of the API).
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

import orjson

from signal_engine.adapters.outgoing.crm.answers import as_described
from signal_engine.adapters.outgoing.crm.api_calls import UNAUTHORIZED, ApiCalls, in_groups, in_query, refusal
from signal_engine.adapters.outgoing.crm.hubspot_merged import MERGED, ids_of
from signal_engine.core.sync.fields import CRM_FIELDS, EXTERNAL_ID, CrmField, FieldValue
from signal_engine.engine.sync.sink import FoundRecords, RecordKey, RecordWrite, SinkTrouble, WrittenRecord
from signal_engine.wire.instants import format_instant

_API: Final = "https://api.hubapi.com"
VERSION: Final = "2026-03"
_OWNERS: Final = f"/crm/owners/{VERSION}"
_PREFIX: Final = "se_"
GROUP: Final = "signal_engine"
_INPUTS: Final = 100
"""Records of a batch, at most (HubSpot's object APIs, Limits)."""
_PAGE: Final = 200
"""Results of a page of a search, at most (Search the CRM, Limits)."""
_ROOM_FOR_VALUES: Final = 2_600
"""Characters of the values of a search: its whole body may have 3,000 (Search the CRM, Limits)."""
_ID: Final = re.compile(r"[0-9]{1,18}")
_OK: Final = 200
_CREATED: Final = 201
_BAD_REQUEST: Final = 400
_NOT_FOUND: Final = 404
_MULTI_STATUS: Final = 207
_CONFLICT: Final = 409
_TYPES: Final = {"text": ("string", "text"), "number": ("number", "number"), "instant": ("datetime", "date")}


def property_of(field: CrmField) -> str:
    """The name of the property: `se_score`."""
    return _PREFIX + field.name


_PROPERTY: Final = {field.name: property_of(field) for field in CRM_FIELDS}
_INSTANTS: Final = frozenset(field.name for field in CRM_FIELDS if field.type == "instant")
OWN_ID: Final = property_of(EXTERNAL_ID)


class HubSpot:
    """`RecordSystem`. `token` is a service key, or that of a private app."""

    sought_at_once: int = _INPUTS
    written_at_once: int = _INPUTS

    def __init__(self, calls: ApiCalls, token: str, api: str = _API) -> None:
        """`api` is another address in tests."""
        self._calls, self._token = calls, token
        self.api = api
        """Where HubSpot is."""
        self._objects = f"{api}/crm/objects/{VERSION}/companies"
        self._properties = f"{api}/crm/properties/{VERSION}/companies"

    @as_described
    async def find(self, keys: Sequence[RecordKey]) -> Sequence[FoundRecords]:
        """See `RecordSystem`. One call for the ids, one for our own ids, and where some are left, a search for as many
        domains as fit into one.
        """
        found: dict[str, list[str]] = {}
        wanted = {key.account: key.crm_id for key in keys if key.crm_id and _ID.fullmatch(key.crm_id)}
        if wanted:
            there = await self.read(sorted({*wanted.values()}), None, (MERGED,))
            now = {one: str(company["id"]) for company in there for one in ids_of(company)}
            found |= {account: [now[crm_id]] for account, crm_id in wanted.items() if crm_id in now}
        rest = [key.account for key in keys if key.account not in found]
        if rest:
            ours = await self.read(rest, OWN_ID)
            found |= {one["properties"][OWN_ID]: [one["id"]] for one in ours}
        rest = [account for account in rest if account not in found]
        for some in in_groups(rest, _ROOM_FOR_VALUES, lambda account: len(orjson.dumps(account)) + 1):
            found |= await self._by_domain(some)
        return [FoundRecords(key.account, found.get(key.account, ())) for key in keys]

    @as_described
    async def holders(self, record_ids: Sequence[str]) -> Mapping[str, str]:
        """See `RecordSystem`. One call."""
        there = await self.read(record_ids, None, (OWN_ID,))
        return {str(one["id"]): str(one["properties"].get(OWN_ID) or "").lower() for one in there}

    @as_described
    async def write(self, writes: Sequence[RecordWrite]) -> Sequence[WrittenRecord]:
        """See `RecordSystem`. One call for records to update, and one for those to create, where there are any."""
        updates = [one for one in writes if one.record_id is not None]
        creates = [one for one in writes if one.record_id is None]
        ended: dict[str, WrittenRecord] = {}
        if updates:
            inputs = [{"id": one.record_id, "properties": _properties(one)} for one in updates]
            ended |= await self._batch("update", updates, inputs)
        if creates:
            inputs = [{"id": one.account, "idProperty": OWN_ID, "properties": _to_create(one)} for one in creates]
            ended |= await self._batch("upsert", creates, inputs)
        return [ended[one.account] for one in writes]

    @as_described
    async def missing(self) -> Sequence[CrmField]:
        """Our fields that companies do not have yet, our own id among them."""
        names = [property_of(field) for field in (*CRM_FIELDS, EXTERNAL_ID)]
        status, document = await self.post(
            f"{self._properties}/batch/read", {"archived": False, "inputs": [{"name": name} for name in names]}
        )
        if status not in {_OK, _MULTI_STATUS}:
            raise SinkTrouble(refusal(status, document))
        there = {one["name"]: one for one in document["results"]}
        if there.get(OWN_ID, {}).get("hasUniqueValue") is False:
            raise SinkTrouble(f"the property {OWN_ID} of companies is not unique: delete it, and set up again")
        return [field for field in (*CRM_FIELDS, EXTERNAL_ID) if property_of(field) not in there]

    async def set_up(self, missing: Sequence[CrmField]) -> None:
        """Make our group, and the `missing` fields in it. Raises `SinkTrouble`."""
        group = {"name": GROUP, "label": "Signal Engine", "displayOrder": -1}
        status, document = await self.post(f"{self._properties}/groups", group)
        if status not in {_OK, _CREATED, _CONFLICT}:
            raise SinkTrouble(refusal(status, document))
        inputs = [_definition(field) for field in missing]
        status, document = await self.post(f"{self._properties}/batch/create", {"inputs": inputs})
        if status not in {_OK, _CREATED}:
            raise SinkTrouble(refusal(status, document))

    @as_described
    async def read(
        self, ids: Sequence[str], id_property: str | None, properties: Sequence[str] = (OWN_ID, "domain")
    ) -> list[dict[str, Any]]:
        """Those of the companies with these ids that are there; the others are errors of the answer."""
        asked = {"properties": [*properties], "inputs": [{"id": one} for one in ids]}
        if id_property is not None:
            asked["idProperty"] = id_property
        status, document = await self.post(f"{self._objects}/batch/read", asked)
        if status == _BAD_REQUEST and id_property is not None:
            raise SinkTrouble(f"companies have no unique property {id_property}: `signal-engine sync setup` makes it")
        if status not in {_OK, _MULTI_STATUS} or not isinstance(document, dict):
            raise SinkTrouble(refusal(status, document))
        results: list[dict[str, Any]] = document["results"]
        return results

    async def _by_domain(self, accounts: Sequence[str]) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        wanted = {*accounts}
        after: str | None = None
        while True:
            asked: dict[str, Any] = {
                "filterGroups": [{"filters": [{"propertyName": "domain", "operator": "IN", "values": [*accounts]}]}],
                "properties": ["domain"],
                "limit": _PAGE,
            }
            if after is not None:
                asked["after"] = after
            status, document = await self.post(f"{self._objects}/search", asked)
            if status != _OK or not isinstance(document, dict):
                raise SinkTrouble(refusal(status, document))
            for one in document["results"]:
                domain = str(one["properties"].get("domain") or "").strip().lower()
                if domain in wanted:
                    found.setdefault(domain, []).append(str(one["id"]))
            after = document.get("paging", {}).get("next", {}).get("after")
            if after is None:
                return found

    async def _batch(
        self, verb: str, writes: Sequence[RecordWrite], inputs: list[dict[str, Any]]
    ) -> dict[str, WrittenRecord]:
        """How each ended: those that were taken are in the results, those that were not under their trace id."""
        traced = [{**one, "objectWriteTraceId": write.account} for one, write in zip(inputs, writes, strict=True)]
        status, document = await self.post(f"{self._objects}/batch/{verb}", {"inputs": traced})
        if status not in {_OK, _CREATED, _MULTI_STATUS} or not isinstance(document, dict):
            if len(writes) > 1 and 400 <= status < 500 and status not in {UNAUTHORIZED, 403}:
                return await self._halves(verb, writes, inputs)
            if len(writes) > 1 or status in {UNAUTHORIZED, 403}:
                raise SinkTrouble(refusal(status, document))
            problem = refusal(status, document)
            ended = WrittenRecord(writes[0].account, None, problem, status == _NOT_FOUND, status == _BAD_REQUEST)
            return {writes[0].account: ended}
        by_id = {str(one.record_id): one.account for one in writes if one.record_id is not None}
        taken: dict[str, str] = {}
        for one in document["results"]:
            account = one.get("objectWriteTraceId") or by_id.get(str(one["id"])) or one["properties"].get(OWN_ID)
            taken[str(account)] = str(one["id"])
        problems = _problems(document, by_id)
        left = {
            one.account: one.record_id for one in writes if one.record_id and one.account not in {*taken, *problems}
        }
        unknown = len(document["results"]) - len(taken.keys() & {one.account for one in writes})
        if not document.get("errors") or unknown == len(left):  # of companies that were merged it names others
            taken |= left
        return {
            one.account: WrittenRecord(one.account, taken[one.account], None)
            if one.account in taken
            else problems.get(one.account, WrittenRecord(one.account, None, "it was not taken"))
            for one in writes
        }

    async def _halves(
        self, verb: str, writes: Sequence[RecordWrite], inputs: list[dict[str, Any]]
    ) -> dict[str, WrittenRecord]:
        """A batch that was refused as a whole for one of its records: each half by itself."""
        half = len(writes) // 2
        return {
            **await self._batch(verb, writes[:half], inputs[:half]),
            **await self._batch(verb, writes[half:], inputs[half:]),
        }

    async def post(self, url: str, document: Any) -> tuple[int, Any]:
        """One call. Raises `SinkTrouble` for a token or scope that is refused, too."""
        return await self._called("POST", url, document)

    async def post_once(self, url: str, document: Any) -> tuple[int, Any]:
        """As `post`, of what must not be taken twice. Raises `UnknownAnswer`, too."""
        return _allowed(*await self._calls.call_once("POST", url, self._headers, document))

    @as_described
    async def owners(self) -> list[dict[str, Any]]:
        """Everybody who can own a record: `id`, `email`, `firstName`, `lastName`. One call for 100."""
        found: list[dict[str, Any]] = []
        after = ""
        while True:
            status, document = await self.get(f"{self.api}{_OWNERS}?limit={_INPUTS}{after}")
            if status != _OK or not isinstance(document, dict):
                raise SinkTrouble(refusal(status, document))
            found += document["results"]
            following = document.get("paging", {}).get("next", {}).get("after")
            if following is None:
                return found
            after = f"&after={in_query(str(following))}"

    async def get(self, url: str) -> tuple[int, Any]:
        """As `post`."""
        return await self._called("GET", url)

    async def _called(self, method: str, url: str, document: Any = None) -> tuple[int, Any]:
        return _allowed(*await self._calls.call(method, url, self._headers, document))

    async def _headers(self) -> dict[str, str]:
        return {"authorization": f"Bearer {self._token}"}


def _allowed(status: int, told: Any) -> tuple[int, Any]:
    """An answer that is none to a token or scope that is refused."""
    if status == UNAUTHORIZED:
        raise SinkTrouble("HubSpot refuses the token: it was replaced, or its service key or app is gone")
    if status == 403:
        raise SinkTrouble(
            "HubSpot refuses the call: its service key or app lacks a scope; see docs/delivery/hubspot.md"
        )
    return status, told


def _problems(document: Mapping[str, Any], by_id: Mapping[str, str]) -> dict[str, WrittenRecord]:
    """Account -> why it was not taken."""
    found: dict[str, WrittenRecord] = {}
    for error in document.get("errors", ()):
        context = error.get("context") or {}
        traces = context.get("objectWriteTraceId", ())
        name = str(error.get("category") or "")
        said = f"HubSpot refused it ({name})" if name.isidentifier() else "HubSpot refused it"
        for account in [*traces, *(by_id[one] for one in context.get("ids", ()) if one in by_id)]:
            found[account] = WrittenRecord(account, None, said, name == "OBJECT_NOT_FOUND", name == "VALIDATION_ERROR")
    return found


def _properties(write: RecordWrite) -> dict[str, str]:
    told = {_PROPERTY[name]: _text(name, value) for name, value in write.fields.items()}
    if write.release:
        return {**told, OWN_ID: ""}
    return {**told, OWN_ID: write.account} if write.identify else told


def _to_create(write: RecordWrite) -> dict[str, str]:
    named = {"name": write.name} if write.name else {}
    return {**named, "domain": write.account, **_properties(write), OWN_ID: write.account}


def _text(name: str, value: FieldValue) -> str:
    """Every value is text there; an empty one empties the property."""
    if value is None:
        return ""
    return format_instant(int(value)) if name in _INSTANTS else str(value)


def _definition(field: CrmField) -> dict[str, Any]:
    kind, shown = _TYPES[field.type]
    return {
        "name": property_of(field),
        "label": f"Signal Engine: {field.label}",
        "type": kind,
        "fieldType": shown,
        "groupName": GROUP,
        "hasUniqueValue": field is EXTERNAL_ID,
        "formField": False,
    }
