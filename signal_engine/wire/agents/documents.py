"""What agents are told, from the documents that people and programs get."""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from signal_engine.wire.agents.models import (
    AgentAccount,
    AgentAlert,
    AgentAlerts,
    AgentComparison,
    AgentEvidence,
    AgentExplanation,
    AgentFit,
    AgentList,
    AgentListed,
    AgentSignal,
    AgentWhatIf,
    ForeignText,
)
from signal_engine.wire.messages.foreign_text import shown
from signal_engine.wire.output.api_documents import IcpDecision, ListDocument
from signal_engine.wire.output.models import Alert, Entry, Evidence
from signal_engine.wire.output.operations.explain import ExplainDocument
from signal_engine.wire.output.reports.what_if_documents import Comparison, PossibleSignal, WhatIf

_MAX_CHARACTERS: Final = 500
_MAX_TRIED: Final = 10
_DRAWN_AS_NOTHING: Final = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180d\u180f\u3164\ufe00-\ufe0f\uffa0\U000e0100-\U000e01ef]"
)
"""Marks and letters that Unicode has as ignorable: variation selectors, fillers. A row of them spells a text that a
model reads and nobody sees."""


def agent_list(listed: ListDocument, wanted: Sequence[Entry], limit: int) -> AgentList:
    """The first `limit` of the `wanted` entries of a list."""
    return {
        "list": listed["list"],
        "generated_at": listed["generated_at"],
        "complete_until": listed["complete_until"],
        "stale": listed["stale"],
        "listed": len(listed["entries"]),
        "wanted": len(wanted),
        "accounts": [_listed(entry) for entry in wanted[:limit]],
    }


def agent_explanation(document: ExplainDocument, what_if: WhatIf) -> AgentExplanation:
    """One account, and what would make it hot."""
    step = document["next_step"]
    return {
        "until": document["until"],
        "complete_until": document.get("complete_until"),
        "stale": document.get("stale", False),
        "account": _explained(document),
        "relation": document["relation"],
        "parts": [
            {"part": part["part"], "points": part["points"], "evidence": [*map(_evidence, part["evidence"])]}
            for part in document["parts"]
        ],
        "personas": [
            {"persona": one["persona"], "called": _foreign(one["called"]), "last_seen_at": one["last_seen_at"]}
            for one in document["people"]
        ],
        "fit": [*map(_fit, document["fit"])],
        "lists": [
            {
                "list": place["list"],
                "rank": place["rank"],
                "why_not": place["why_not"],
                "why_not_in_words": place["why_not_in_words"],
            }
            for place in document["lists"]
        ],
        "why_no_alert": document["why_no_alert"],
        "why_no_alert_in_words": document["why_no_alert_in_words"],
        "next_step": _foreign_or_none(step),
        "what_would_make_it_hot": _what_if(what_if),
    }


def agent_comparison(comparison: Comparison, documents: Sequence[ExplainDocument]) -> AgentComparison:
    """Two accounts; `documents` are their explanations, in the order of the comparison."""
    return {
        "until": comparison["until"],
        "stale": any(document.get("stale", False) for document in documents),
        "difference": comparison["difference"],
        "parts": comparison["parts"],
        "accounts": [*map(_explained, documents)],
    }


def agent_alerts(alerts: Iterable[Alert]) -> AgentAlerts:
    """Alerts in the order in which they come."""
    return {"alerts": [*map(_alert, alerts)]}


def _foreign(text: str) -> ForeignText:
    return {"data": shown(_DRAWN_AS_NOTHING.sub("", text), _MAX_CHARACTERS)}


def _foreign_or_none(text: str | None) -> ForeignText | None:
    return None if text is None else _foreign(text)


def _account(document: Mapping[str, Any], icp: str | None, tier: str | None) -> AgentAccount:
    """The fields that entries, alerts and explanations share; alerts that version 0.1 stored lack some."""
    return {
        "account_id": document["account_id"],
        "name": _foreign_or_none(document["name"]),
        "score": document["score"],
        "level": document["level"],
        "badge": document["badge"],
        "since": document["since"],
        "cools_at": document["cools_at"],
        "tier": tier,
        "icp": icp,
        "segment": _foreign_or_none(document["segment"]),
        "owner": _foreign_or_none(document["owner"]),
        "sdr": _foreign_or_none(document.get("sdr")),
        "claimed_by": _foreign_or_none(document.get("claimed_by")),
        "why_now": _foreign_or_none(document["why_now"]),
        "why_now_at": document["why_now_at"],
        "last_signal_at": document["last_signal_at"],
        "kinds_live": document["kinds_live"],
    }


def _listed(entry: Entry) -> AgentListed:
    account = _account(entry, entry["icp"], entry["tier"])
    return {**account, "rank": entry["rank"], "previous_rank": entry["previous_rank"]}


def _explained(document: ExplainDocument) -> AgentAccount:
    primary = next((one for one in document["fit"] if one["primary"]), None)
    return _account(document, primary["icp"] if primary else None, primary["tier"] if primary else None)


def _evidence(evidence: Evidence) -> AgentEvidence:
    return {
        "text": _foreign(evidence["text"]),
        "kind": evidence["kind"],
        "points": evidence["points"],
        "occurred_at": evidence["occurred_at"],
        "source_url": _foreign_or_none(evidence.get("source_url")),
    }


def _fit(decision: IcpDecision) -> AgentFit:
    return {
        "icp": decision["icp"],
        "version": decision["version"],
        "primary": decision["primary"],
        "decision": decision["decision"],
        "fit": decision["fit"],
        "tier": decision["tier"],
        "reasons": [*map(_foreign, decision["reasons"])],
        "buying_group": decision["buying_group"],
    }


def _what_if(what_if: WhatIf) -> AgentWhatIf:
    return {
        "hot_from": what_if["hot_from"],
        "min_kinds": what_if["min_kinds"],
        "kinds_live": what_if["kinds_live"],
        "signals": [
            {**_signal(tried), "score": tried["score"], "level": tried["level"]}
            for tried in what_if["signals"][:_MAX_TRIED]
        ],
        "together": [[*map(_signal, signals)] for signals in what_if["together"]],
        "no_alert_because": what_if["no_alert_because"],
    }


def _signal(signal: PossibleSignal) -> AgentSignal:
    return {
        "kind": signal["kind"],
        "rule": signal["rule"],
        "points": signal["points"],
        "facet": _foreign(signal["facet"]),
    }


def _alert(alert: Alert) -> AgentAlert:
    tipped = alert["tipped_by"]
    return {
        "alert_id": alert["alert_id"],
        "type": alert["type"],
        "at": alert["at"],
        "audience": alert["audience"],
        "previous_level": alert["previous_level"],
        "tipped_by": None if tipped is None else _foreign(tipped["text"]),
        "not_sent_because": alert["recorded"],
        "account": _account(alert, alert["icp"], alert["tier"]),
    }
