"""Why not: every answer that is not an alert or a place on a list has a reason (scoring.md, section 5)."""

from enum import StrEnum


class NotNow(StrEnum):
    """Why an account is not alerted or not on a list. The same word in `explain`, metrics and logs."""

    NOT_IN_ACCOUNTS = "not_in_accounts"
    NOT_FIT = "not_fit"
    FIT_UNKNOWN = "fit_unknown"
    DEPRIORITIZED = "deprioritized"
    SUPPRESSED = "suppressed"
    COOLDOWN = "cooldown"
    ALREADY_ALERTED = "already_alerted"
    HAND_RAISE_RECENT = "hand_raise_recent"
    TOO_FEW_KINDS = "too_few_kinds"
    BELOW_THRESHOLD = "below_threshold"
    BELOW_MIN_SCORE = "below_min_score"
    BELOW_CUT = "below_cut"
