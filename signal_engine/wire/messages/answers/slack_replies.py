"""Buttons by which people answer a message in Slack, and what a click on one says when it comes back."""

from typing import Any, Final, Literal, NamedTuple
from urllib.parse import parse_qs
from uuid import UUID, uuid5

import orjson
from pydantic import BaseModel, ValidationError

from signal_engine.core.actions.action import CLAIM, DISPOSITION, OUTCOMES, SNOOZE, Outcome
from signal_engine.core.alerting.alerts import COOLED
from signal_engine.wire.output.models import Alert
from signal_engine.wire.output.words import OUTCOME_IN_WORDS

SlackAction = Literal["claim", "snooze", "disposition"]
"""A click never kills."""
_ACTIONS: Final[dict[str, SlackAction]] = {
    "signal_engine_claim": CLAIM,
    "signal_engine_snooze": SNOOZE,
    "signal_engine_disposition": DISPOSITION,
}
"""Slack's `action_id` -> what it does."""
_IDS: Final = {action: action_id for action_id, action in _ACTIONS.items()}
_MOST_OF_AN_OPTION: Final = 150
"""Characters of the value of an option, by Slack."""
_CLICKS: Final = UUID("9c5f6a53-7f0e-5b7e-9d8e-0a5b9f6a1c11")


class _OfSlack(BaseModel):
    """As Slack sends it; it has much more that nobody needs."""


class _ById(_OfSlack):
    id: str


class _ChosenOption(_OfSlack):
    value: str


class _ClickedElement(_OfSlack):
    action_id: str
    action_ts: str
    value: str | None = None
    selected_option: _ChosenOption | None = None


class _Interaction(_OfSlack):
    type: str
    user: _ById | None = None
    response_url: str = ""
    actions: list[_ClickedElement] = []


class _ButtonValue(_OfSlack):
    """The value of a button of ours."""

    account: str
    to: str
    outcome: Outcome | None = None


class SlackClick(NamedTuple):
    """Somebody pressed one of our buttons."""

    action: SlackAction
    account: str
    destination: str
    """The destination of the routes file that posted the message."""
    user: str
    """Slack's id of who pressed."""
    response_url: str
    """Where Slack takes an answer that this person alone sees."""
    action_id: str
    """A UUID: the same click is the same action."""
    outcome: Outcome | None = None


def reply_elements(alert: Alert, destination: str) -> tuple[dict[str, Any], ...]:
    """What of Block Kit offers to answer an alert; nothing where nobody is to act."""
    if alert["type"] == COOLED or alert["audience"] == "triage":
        return ()
    said = {"account": alert["account_id"], "to": destination}
    options: list[dict[str, Any]] = [
        {"text": _plain(OUTCOME_IN_WORDS[outcome]), "value": _value({**said, "outcome": outcome})}
        for outcome in OUTCOMES
    ]
    buttons = (
        {
            "type": "button",
            "action_id": _IDS[CLAIM],
            "text": _plain("Claim"),
            "style": "primary",
            "value": _value(said),
        },
        {"type": "button", "action_id": _IDS[SNOOZE], "text": _plain("Snooze 7 days"), "value": _value(said)},
    )
    if max(len(option["value"]) for option in options) > _MOST_OF_AN_OPTION:
        return buttons  # of a very long domain: the account's page takes the outcome
    select = {
        "type": "static_select",
        "action_id": _IDS[DISPOSITION],
        "placeholder": _plain("What came of it"),
        "options": options,
    }
    return (*buttons, select)


def read_click(body: bytes) -> SlackClick | None:
    """The click in the body of an interaction; None where it is none on a button of ours, or cannot be read."""
    try:
        form = parse_qs(body.decode(), max_num_fields=4)
        payload = _Interaction.model_validate_json(form["payload"][0])
        if payload.type != "block_actions" or payload.user is None:
            return None
        (action,) = payload.actions
        said = _ButtonValue.model_validate_json(
            action.selected_option.value if action.selected_option else action.value or ""
        )
    except (ValueError, KeyError, ValidationError):
        return None
    wanted = _ACTIONS.get(action.action_id)
    if wanted is None or (wanted == DISPOSITION) != (said.outcome is not None):
        return None
    click = f"{payload.user.id}/{action.action_ts}/{action.action_id}/{said.account}"
    return SlackClick(
        wanted, said.account, said.to, payload.user.id, payload.response_url, str(uuid5(_CLICKS, click)), said.outcome
    )


def _plain(text: str) -> dict[str, Any]:
    return {"type": "plain_text", "text": text, "emoji": False}


def _value(said: dict[str, Any]) -> str:
    return orjson.dumps(said).decode()
