"""The twelve fields that a CRM gets of an account: what the rule says of it, and what its signals say.

Fields of the rule stand on every account of the accounts file, so that the CRM can enforce the rule. Fields of signals
stand only while somebody is to call for them: an account that leaves its lists keeps none. No other field is ever
written.
"""

from collections.abc import Mapping
from typing import Final, Literal, NamedTuple

from signal_engine.core.fit.acted import by_rule
from signal_engine.core.fit.eligibility import kept_off, unalerted_reason
from signal_engine.core.fit.icp import Fit
from signal_engine.core.fit.ranking import badge, may_be_listed, qualifies
from signal_engine.core.rules.policy import HOT, Policy
from signal_engine.core.rules.relations import Relation
from signal_engine.core.score.snapshot import AccountSnapshot

FieldValue = str | int | None
"""None: the field is empty. Instants are ms."""
FieldType = Literal["text", "number", "instant"]


class CrmField(NamedTuple):
    """A field as it stands on a record of the CRM."""

    name: str
    """Stored in ledgers and CRMs: it never changes."""
    label: str
    type: FieldType


RULE_FIELDS: Final = (
    CrmField("decision", "Decision", "text"),
    CrmField("tier", "Tier", "text"),
    CrmField("icp", "ICP", "text"),
    CrmField("icp_version", "ICP version", "number"),
    CrmField("reason", "Reason of the decision", "text"),
    CrmField("rule_owner", "Rule owner", "text"),
)
SIGNAL_FIELDS: Final = (
    CrmField("score", "Score", "number"),
    CrmField("level", "Level", "text"),
    CrmField("badge", "Badge", "text"),
    CrmField("why_now", "Why now", "text"),
    CrmField("hot_until", "Hot until", "instant"),
    CrmField("last_signal", "Last signal", "instant"),
)
CRM_FIELDS: Final = (*RULE_FIELDS, *SIGNAL_FIELDS)
EXTERNAL_ID: Final = CrmField("account_id", "Account", "text")
"""The account's domain, unique: filled once the record is found, emptied only when it is the wrong one."""
LONGEST_TEXT: Final = 255
"""Characters of a text; the limit of a Salesforce text field."""
NO_SIGNALS: Final[Mapping[str, FieldValue]] = {field.name: None for field in SIGNAL_FIELDS}
NO_FIELDS: Final[Mapping[str, FieldValue]] = {field.name: None for field in CRM_FIELDS}
"""What an account is left with that is in no accounts file any more."""

_NEVER_SHOWN: Final[frozenset[Relation]] = frozenset({"do_not_contact", "competitor", "own"})


def wanted_fields(
    stands: AccountSnapshot, fit: Fit, owner: str | None, policy: Policy, *, held_back: bool = False
) -> Mapping[str, FieldValue]:
    """All twelve fields of an account of the accounts file. `owner` is the e-mail of who owns its primary ICP.

    One that is `held_back`, in a control group, has the rule alone.
    """
    decision = fit.primary
    return {
        "decision": decision.decision,
        "tier": decision.tier,
        "icp": decision.icp or None,
        "icp_version": decision.version or None,
        "reason": _cut("; ".join(decision.reasons)) or None,
        "rule_owner": owner,
        **(NO_SIGNALS if held_back else _signals(stands, fit, policy)),
    }


def shows_signals(stands: AccountSnapshot, fit: Fit, policy: Policy) -> bool:
    """Whether what its signals say may leave the engine: while they put it on a list, or would if its relation allowed
    it and its owner is alerted. A place below the cut of a list takes nothing away.

    Never of whom nobody is to contact, nor while it is hidden.
    """
    if fit.suppressed or fit.relation in _NEVER_SHOWN or fit.actions.hidden is not None:
        return False
    if not qualifies(stands.level, stands.score.score, policy.lists, pinned=stands.pinned):
        return False
    is_listed = any(may_be_listed(fit, decision, policy) for decision in fit.decisions)
    return is_listed or unalerted_reason(fit, policy) is None


def may_show_off_lists(fit: Fit, policy: Policy) -> bool:
    """Whether its signals may be shown though it can be on no list: its owner is alerted. Hidden ones come back."""
    return unalerted_reason(by_rule(fit), policy) is None and kept_off(fit, policy) is not None


def _signals(stands: AccountSnapshot, fit: Fit, policy: Policy) -> Mapping[str, FieldValue]:
    if not shows_signals(stands, fit, policy):
        return NO_SIGNALS
    return {
        "score": round(stands.score.score),
        "level": stands.level,
        "badge": badge(stands.level, pinned=stands.pinned),
        "why_now": _cut(stands.why_now.text) if stands.why_now else None,
        "hot_until": stands.cools_at if stands.level == HOT else None,
        "last_signal": stands.last_signal_at,
    }


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST_TEXT else text[: LONGEST_TEXT - 1].rstrip() + "\N{HORIZONTAL ELLIPSIS}"
