"""Why not: every answer that is not an alert or a place on a list has a reason (scoring.md, section 5)."""

from enum import StrEnum


class NoAlertReason(StrEnum):
    """Why an account is not alerted or not on a list. The same word in `explain`, metrics and logs."""

    NOT_IN_ACCOUNTS = "not_in_accounts"
    NOT_FIT = "not_fit"
    FIT_UNKNOWN = "fit_unknown"
    DEPRIORITIZED = "deprioritized"
    RELATION = "relation"
    SUPPRESSED = "suppressed"
    DO_NOT_CONTACT = "do_not_contact"
    KILLED = "killed"
    SNOOZED = "snoozed"
    DISPOSITION = "disposition"
    COOLDOWN = "cooldown"
    ALREADY_ALERTED = "already_alerted"
    HAND_RAISE_RECENT = "hand_raise_recent"
    TRIGGER_RECENT = "trigger_recent"
    TOO_FEW_KINDS = "too_few_kinds"
    SILENCE = "silence"
    BELOW_THRESHOLD = "below_threshold"
    BELOW_MIN_LEVEL = "below_min_level"
    BELOW_MIN_SCORE = "below_min_score"
    BELOW_CUT = "below_cut"
    CONTROL_GROUP = "control_group"
    """Told to administrators alone: to everybody else the account is one without signals."""


class Recorded(StrEnum):
    """Why an alert that was decided is kept but not sent."""

    BACKFILL = "backfill"
    RULES_CHANGED = "rules_changed"
    QUIET = "quiet"
    """Somebody loaded the accounts that gave it and asked that nobody be called for that."""
    DO_NOT_CONTACT = "do_not_contact"
    KILLED = "killed"
    SNOOZED = "snoozed"
    DISPOSITION = "disposition"
    """As the three before: a person's action hid the account then."""
    CONTROL_GROUP = "control_group"
    """Nobody was told, so that it shows what telling does. Said where the draws are known, and to administrators alone:
    the engine decides and keeps these alerts like any other, and the ledger of `notify` has why they were not sent."""
