"""The documents of the `account` commands; those of the API are in `wire.output.actions`."""

from typing import Literal

from typing_extensions import TypedDict

from signal_engine.wire.output.actions import CheckedAction, TakenAction


class CommandAction(TypedDict):
    """What became of one action of a command."""

    action: CheckedAction
    repeated: bool
    """Whether it had been written before."""
    known: bool
    """Whether the account is in the accounts file in force."""


class ActionRefusalDocument(TypedDict):
    """Why an action was not written."""

    account: str
    fault: Literal["invalid", "forbidden", "conflict", "unavailable"]
    detail: str


class CommandActions(TypedDict):
    """`account kill` and its siblings."""

    dry_run: bool
    actions: list[CommandAction]
    refused: list[ActionRefusalDocument]


class ActionLogDocument(TypedDict):
    """`account log`: newest first."""

    actions: list[TakenAction]
    unreadable: int
    """Records of the topic that are no actions, of whichever account."""
