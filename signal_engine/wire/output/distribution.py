"""How signals spread over the accounts that fit: how many get warm and hot, and what keeps them from it.

`replay` and `fit load` end with it. Thresholds are set by it, and it answers what a newcomer asks first: why is nobody
hot?
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
"""What hides those who could be hot, in one word."""


class HotAWeek(TypedDict):
    """How many accounts would become hot, were the threshold another one."""

    enter: Annotated[float, Field(description="The score from which an account would be hot.")]
    exit: Annotated[float, Field(description="The score below which it would no longer be: in proportion to `enter`.")]
    rises: Annotated[int, Field(ge=0, description="How often an account would have become hot in the period.")]
    a_week: Annotated[float, Field(ge=0, description="`rises` by weeks; a shorter period counts as a week.")]


class Highest(TypedDict):
    """One of the accounts that came highest."""

    account_id: str
    name: str | None
    score: Annotated[float, Field(ge=0, le=100, description="At its best.")]


class OffList(TypedDict):
    """A kind whose rules ask for what we sell."""

    kind: Kind
    events: Annotated[int, Field(ge=0, description="That rules judged.")]
    off_list: Annotated[int, Field(ge=0, description="Of them, those for which no rule held: background.")]
    share: Annotated[float, Field(ge=0, le=1, description="off_list / events.")]


class PersonasRead(TypedDict):
    """As whom the people of engagement signals were read."""

    named: Annotated[int, Field(ge=0, description="As a persona of the scoring file.")]
    other: Annotated[int, Field(ge=0, description="By a title that no persona's words match.")]
    unknown: Annotated[int, Field(ge=0, description="Without a title.")]


class Hidden(TypedDict):
    """One thing that keeps accounts from being hot."""

    reason: Hider
    detail: Annotated[str, Field(description="In one sentence.")]


class Distribution(TypedDict):
    """How signals spread over the accounts that fit."""

    accounts: Annotated[int, Field(ge=0, description="In the accounts file.")]
    fit: Annotated[int, Field(ge=0, description="Of them, those who are chased and may be listed or alerted.")]
    with_signals: Annotated[int, Field(ge=0, description="Of those who fit, those with any signal that counted.")]
    warm: Annotated[int, Field(ge=0, description="Of those who fit, those who were warm at their best.")]
    hot: Annotated[int, Field(ge=0, description="Of those who fit, those who were hot at their best.")]
    days: Annotated[float, Field(ge=0, description="The period, from the first signal to its end.")]
    hot_a_week: Annotated[list[HotAWeek], Field(description="By threshold, lowest first.")]
    highest: Annotated[list[Highest], Field(description="The ten that came highest, highest first.")]
    off_list: Annotated[list[OffList], Field(description="By kind; only kinds whose rules ask for what we sell.")]
    personas: Annotated[
        PersonasRead | None, Field(description="Null where the scoring file has no personas, or nobody was counted.")
    ]
    hidden_by: Annotated[list[Hidden], Field(description="Where nobody became hot: what hides them.")]


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
