"""How signals spread over the accounts that fit: how many get warm and hot, and what keeps the others from it.

`replay` and `fit load` print it at the end. It helps to set thresholds, and answers the first question of newcomers:
why is nobody hot?
"""

from typing import Annotated, Final, Literal

from pydantic import Field
from typing_extensions import TypedDict

from signal_engine.core.rules.kinds import Kind

Hider = Literal[
    "nobody_fits",
    "relation",
    "no_signals",
    "out_of_reach",
    "empty_lists",
    "too_few_kinds",
    "silence",
    "nobody_known",
    "below_threshold",
]
"""The code of a reason why accounts are not hot."""


class HotAWeek(TypedDict):
    """How many accounts would become hot at another threshold."""

    enter: Annotated[float, Field(description="The score from which an account would be hot.")]
    exit: Annotated[
        float, Field(description="The score below which it would no longer be hot, in proportion to `enter`.")
    ]
    rises: Annotated[int, Field(ge=0, description="How often an account would have become hot in the period.")]
    a_week: Annotated[float, Field(ge=0, description="`rises` per week; a shorter period counts as a week.")]


class Highest(TypedDict):
    """One of the accounts with the highest scores."""

    account_id: str
    name: str | None
    score: Annotated[float, Field(ge=0, le=100, description="Its maximum.")]


class OffList(TypedDict):
    """A kind whose rules refer to what we sell."""

    kind: Kind
    events: Annotated[int, Field(ge=0, description="Events to which rules were applied.")]
    off_list: Annotated[int, Field(ge=0, description="Of those, events for which no rule held: background.")]
    share: Annotated[float, Field(ge=0, le=1, description="off_list / events.")]


class PersonasRead(TypedDict):
    """How the people of engagement signals were mapped to personas."""

    named: Annotated[int, Field(ge=0, description="Mapped to a persona of the scoring file.")]
    other: Annotated[int, Field(ge=0, description="With a title that matches no persona.")]
    unknown: Annotated[int, Field(ge=0, description="Without a title.")]


class Hidden(TypedDict):
    """A reason why accounts are not hot."""

    reason: Hider
    detail: Annotated[str, Field(description="In one sentence.")]


class Distribution(TypedDict):
    """How signals spread over the accounts that fit."""

    accounts: Annotated[int, Field(ge=0, description="In the accounts file.")]
    fit: Annotated[int, Field(ge=0, description="Of those, accounts that are chased and may be listed or alerted.")]
    with_signals: Annotated[int, Field(ge=0, description="Of those that fit, accounts with an applied signal.")]
    warm: Annotated[int, Field(ge=0, description="Of those that fit, accounts whose highest level was warm.")]
    hot: Annotated[int, Field(ge=0, description="Of those that fit, accounts whose highest level was hot.")]
    days: Annotated[float, Field(ge=0, description="The length of the period, which begins with the first signal.")]
    hot_a_week: Annotated[list[HotAWeek], Field(description="By threshold, lowest first.")]
    highest: Annotated[list[Highest], Field(description="The ten accounts with the highest scores, highest first.")]
    off_list: Annotated[list[OffList], Field(description="By kind; only kinds whose rules refer to what we sell.")]
    personas: Annotated[
        PersonasRead | None, Field(description="Null if the scoring file has no personas, or there were no people.")
    ]
    hidden_by: Annotated[list[Hidden], Field(description="The reasons, if no account became hot.")]


HIDERS_IN_WORDS: Final[dict[Hider, str]] = {
    "nobody_fits": "no account in the accounts file fits; `fit show` and `explain` show why",
    "relation": "accounts fit, but their relation to us excludes all of them from lists and alerts",
    "no_signals": "no account that fits has a signal that counts: do events and accounts use the same domains?",
    "out_of_reach": "no account can become hot under this scoring file; `config check` shows why",
    "empty_lists": "rules refer to empty lists of `sells`",
    "too_few_kinds": "the score was high enough, but never from enough kinds of signal at once",
    "silence": "the score was high enough, but only when the last signal of weight was too old",
    "nobody_known": "most people behind engagement signals have no title that matches a persona",
    "below_threshold": "no score reached the hot threshold",
}
"""Hider -> its sentence; some get figures added."""
