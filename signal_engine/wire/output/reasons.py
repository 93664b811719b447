"""Every "not now" in words: the same reason word everywhere, and the same sentence for people."""

from typing import Final

from signal_engine.core.fit.reasons import NotNow

IN_WORDS: Final[dict[NotNow, str]] = {
    NotNow.NOT_IN_ACCOUNTS: "it is not in the accounts file, so nothing is known of its fit",
    NotNow.NOT_FIT: "it does not fit the profile, and signals never change who fits",
    NotNow.FIT_UNKNOWN: "a field that the profile requires is missing or cannot be read",
    NotNow.DEPRIORITIZED: "it fits, but its tier is not chased",
    NotNow.RELATION: "its relation to us rules that out",
    NotNow.SUPPRESSED: "it is suppressed in the accounts file",
    NotNow.COOLDOWN: "it was alerted recently, and no new kind of signal has come since",
    NotNow.ALREADY_ALERTED: (
        "this hot episode has been alerted, and neither a new kind of signal nor a new persona has come since"
    ),
    NotNow.HAND_RAISE_RECENT: "another hand raise of the same persona was alerted shortly before",
    NotNow.TRIGGER_RECENT: "another trigger of the account was alerted a few days ago",
    NotNow.TOO_FEW_KINDS: "the score is high enough, but it comes from too few kinds of signal",
    NotNow.SILENCE: "the score is high enough, but no signal of weight has come for too long",
    NotNow.BELOW_THRESHOLD: "the score has not reached the hot threshold",
    NotNow.BELOW_MIN_LEVEL: "its level is below the one from which a list shows accounts",
    NotNow.BELOW_MIN_SCORE: "the score is below what a list asks for",
    NotNow.BELOW_CUT: "accounts that rank higher fill the list",
}
