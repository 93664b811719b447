"""Every "not now" in words: the same reason word everywhere, and the same sentence for people."""

from typing import Final

from signal_engine.core.fit.reasons import NoAlertReason

IN_WORDS: Final[dict[NoAlertReason, str]] = {
    NoAlertReason.NOT_IN_ACCOUNTS: "it is not in the accounts file, so its fit is unknown",
    NoAlertReason.NOT_FIT: "it does not fit the profile, and signals never change who fits",
    NoAlertReason.FIT_UNKNOWN: "a field that the profile requires is missing or cannot be read",
    NoAlertReason.DEPRIORITIZED: "it fits, but its tier is not chased",
    NoAlertReason.RELATION: "its relation to us excludes it",
    NoAlertReason.SUPPRESSED: "it is suppressed in the accounts file",
    NoAlertReason.DO_NOT_CONTACT: "it asked not to be contacted",
    NoAlertReason.KILLED: "a person disqualified it",
    NoAlertReason.SNOOZED: "a person snoozed it until later",
    NoAlertReason.DISPOSITION: "a person called it, and what came of that keeps it off the lists for a while",
    NoAlertReason.COOLDOWN: "it was alerted recently, and no new kind of signal has come since",
    NoAlertReason.ALREADY_ALERTED: (
        "this hot episode has been alerted, and neither a new kind of signal nor a new persona has come since"
    ),
    NoAlertReason.HAND_RAISE_RECENT: "another hand raise of the same persona was alerted shortly before",
    NoAlertReason.TRIGGER_RECENT: "another trigger of the account was alerted a few days ago",
    NoAlertReason.TOO_FEW_KINDS: "the score is high enough, but it comes from too few signal types",
    NoAlertReason.SILENCE: "the score is high enough, but the last signal of weight is too old",
    NoAlertReason.BELOW_THRESHOLD: "the score has not reached the hot threshold",
    NoAlertReason.BELOW_MIN_LEVEL: "its level is below the minimum level of lists",
    NoAlertReason.BELOW_MIN_SCORE: "the score is below the minimum score of lists",
    NoAlertReason.BELOW_CUT: "accounts that rank higher fill the list",
}
