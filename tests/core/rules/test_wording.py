"""What a signal says, in one line for people."""

import pytest

from signal_engine.core.rules.kinds import COMMON_FIELDS, KINDS, OWN_FIELDS
from signal_engine.core.score.wording import FIELDS, MAX_CHARACTERS, line, one_line
from tests.build import event


@pytest.mark.parametrize(
    ("kind", "fields", "text"),
    [
        ("intent", {"topic": "CRM", "score": 85}, "Researching CRM (intent 85)"),
        ("intent", {"topic": "CRM", "score": 72.5, "people": 1}, "Researching CRM (intent 72.5)"),
        ("intent", {"topic": "CRM", "score": 85.0, "people": 2}, "Researching CRM (intent 85, 2 people)"),
        (
            "intent",
            {"topic": "CRM", "score": 85, "people": 0, "trend": "rising"},
            "Researching CRM (intent 85, rising)",
        ),
        (
            "intent",
            {"topic": "CRM", "score": 85, "people": 4, "trend": "rising"},
            "Researching CRM (intent 85, 4 people, rising)",
        ),
        ("hiring", {"title": "CRO"}, "Hiring: CRO"),
        ("hiring", {"title": "CRO", "department": "sales"}, "Hiring: CRO (sales)"),
        ("hiring", {"title": "CRO", "location": "Oslo"}, "Hiring: CRO (Oslo)"),
        ("hiring", {"title": "CRO", "department": "sales", "location": "Oslo"}, "Hiring: CRO (sales, Oslo)"),
        ("hiring", {"title": "Head of sales", "department": "sales"}, "Hiring: Head of sales"),
        ("funding", {"round": None}, "Raised money"),
        ("funding", {"round": "series_b"}, "Raised a Series B"),
        ("funding", {"round": "Series-B1", "amount_usd": 132_000_000}, "Raised $132M Series B1"),
        ("funding", {"round": "series_seed", "amount_usd": 4e6}, "Raised $4M Series Seed"),
        ("funding", {"round": "seed", "amount_usd": 0}, "Raised a seed round"),
        ("funding", {"round": "seed", "amount_usd": 12_500_000}, "Raised $12.5M seed round"),
        ("funding", {"round": "pre_seed", "amount_usd": 1e6}, "Raised $1M pre-seed round"),
        ("funding", {"round": "pre-seed"}, "Raised a pre-seed round"),
        ("funding", {"round": "debt", "amount_usd": 5e7}, "Raised $50M in debt"),
        ("funding", {"round": "Debt"}, "Took on debt"),
        ("funding", {"round": "grant", "amount_usd": 250_000}, "Raised $250K in a grant"),
        ("funding", {"round": "grant"}, "Received a grant"),
        ("funding", {"round": "ipo", "amount_usd": 1.1e9}, "Raised $1.1B in its IPO"),
        ("funding", {"round": "ipo"}, "Went public"),
        ("funding", {"round": "other", "amount_usd": 3e6}, "Raised $3M"),
        ("funding", {"round": "bridge_loan", "amount_usd": 3e6}, "Raised $3M (bridge loan)"),
        ("funding", {"round": "angel"}, "Raised money (angel)"),
        ("funding", {"round": None, "amount_usd": 999}, "Raised $999"),
        ("funding", {"round": None, "amount_usd": 1000}, "Raised $1K"),
        ("funding", {"round": None, "amount_usd": 1_000_000}, "Raised $1M"),
        ("funding", {"round": None, "amount_usd": 999_499}, "Raised $999K"),
        ("funding", {"round": None, "amount_usd": 999_500}, "Raised $1M"),
        ("funding", {"round": None, "amount_usd": 1_000_000_000}, "Raised $1B"),
        ("funding", {"round": None, "amount_usd": 999_600_000_000}, "Raised $1,000B"),
        ("funding", {"round": None, "amount_usd": 1.5e12}, "Raised $1,500B"),
        ("funding", {"round": None, "amount_usd": 2_345_000_000.0}, "Raised $2.35B"),
        ("funding", {"round": None, "investors": ["Index"]}, "Raised money, from Index"),
        (
            "funding",
            {"round": "seed", "amount_usd": 5e6, "investors": ["A", "B", "C", "D"]},
            "Raised $5M seed round, from A, B, C",
        ),
        (
            "funding",
            {"round": "series_b", "amount": 5e6, "currency": " eur "},
            "Raised 5M EUR Series B (no rate to dollars)",
        ),
        ("funding", {"round": None, "amount": 5e6, "currency": "krona"}, "Raised 5M krona (no rate to dollars)"),
        ("funding", {"round": None, "amount": 5e6}, "Raised 5M of an unnamed currency (no rate to dollars)"),
        ("funding", {"round": None, "amount": 5e6, "currency": "EUR", "amount_usd": 6e6}, "Raised $6M"),
        ("engagement", {"activity": "demo_request"}, "Someone asked for a demo"),
        ("engagement", {"activity": "pricing_view", "persona": " "}, "Someone looked at pricing"),
        ("engagement", {"activity": "pricing_view", "persona": "vp_sales"}, "VP sales looked at pricing"),
        ("engagement", {"activity": "page_view", "persona": "head of IT"}, "Head of IT viewed a page"),
        (
            "engagement",
            {"activity": "page_view", "persona": "Economic_Buyer", "page": "/docs"},
            "Economic Buyer viewed a page (/docs)",
        ),
        ("technographic", {"technology": "Snowflake", "change": "adopted"}, "Adopted Snowflake"),
        ("technographic", {"technology": "Snowflake", "change": "dropped"}, "Dropped Snowflake"),
        (
            "technographic",
            {"technology": "Snowflake", "change": "switched", "replaces": "Teradata"},
            "Switched to Snowflake, replacing Teradata",
        ),
        ("leadership", {"role": "CFO", "change": "joined"}, "New CFO"),
        ("leadership", {"role": "CFO", "change": "left"}, "CFO left"),
        (
            "leadership",
            {"role": "VP Sales", "change": "joined", "relationship": "champion"},
            "New VP Sales, a champion of ours before",
        ),
        (
            "leadership",
            {"role": "VP Sales", "change": "joined", "relationship": "past_user"},
            "New VP Sales, a user of ours before",
        ),
        (
            "leadership",
            {"role": "VP Sales", "change": "left", "relationship": "lost_contact"},
            "VP Sales left, a contact of ours before",
        ),
        ("leadership", {"role": "CFO", "change": "promoted"}, "Promoted to CFO"),
    ],
)
def test_a_signal_says_what_happened(kind, fields, text):
    assert line(event(kind, **fields)) == text


@pytest.mark.parametrize(
    ("activity", "words"),
    [
        ("page_view", "viewed a page"),
        ("pricing_view", "looked at pricing"),
        ("careers_view", "looked at careers"),
        ("email_open", "opened an e-mail"),
        ("email_click", "clicked in an e-mail"),
        ("ad_click", "clicked an ad"),
        ("content_download", "downloaded content"),
        ("form_fill", "filled in a form"),
        ("event_attended", "attended an event"),
        ("trial_signup", "started a trial"),
        ("demo_request", "asked for a demo"),
        ("contact_sales", "asked to talk to sales"),
        ("other", "was active"),
    ],
)
def test_every_activity_has_its_words(activity, words):
    assert line(event("engagement", activity=activity)) == f"Someone {words}"


@pytest.mark.parametrize(
    "word", ["ceo", "cfo", "cio", "ciso", "cmo", "coo", "cro", "cto", "evp", "hr", "it", "svp", "vp"]
)
def test_short_words_for_roles_are_written_in_capitals(word):
    assert line(event("engagement", activity="other", persona=f"former_{word}")) == f"Former {word.upper()} was active"


def test_personal_fields_are_never_said():
    said = line(event("engagement", activity="demo_request", persona="cfo", person_id="jane.doe@example.com"))
    assert said == "CFO asked for a demo"
    assert line(event("leadership", role="CFO", change="joined", person_id="p-1")) == "New CFO"


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("plain", "plain"),
        ("  a   b  ", "a b"),
        (" a b ", "a b"),
        ("a\nb\r\nc\td", "a b c d"),
        ("a\u202eb", "a b"),
        ("a\u2028b\u2029c", "a b c"),
        ("a\x00b\x1bc", "a b c"),
        ("a\ud800b", "a b"),
        ("München: 東京", "München: 東京"),
        ("a\u00a0b", "a\u00a0b"),
    ],
)
def test_a_line_has_no_breaks_control_or_direction_characters(text, clean):
    assert one_line(text) == clean


def test_a_line_has_at_most_160_characters_and_ends_in_an_ellipsis_when_cut():
    assert MAX_CHARACTERS == 160
    assert one_line("x" * 160) == "x" * 160
    assert one_line("x" * 161) == "x" * 159 + "…"
    assert one_line("x" * 158 + " yyy") == "x" * 158 + "…"
    assert line(event("leadership", role="R" * 300)) == "New " + "R" * 155 + "…"


_VALUES = {
    "score": 85, "people": 3, "amount_usd": None, "amount": 5e6, "investors": ["One", "Two"], "dwell_seconds": 9,
    "automated": False, "activity": "page_view", "confidence": 0.5,
}  # fmt: skip


@pytest.mark.parametrize("kind", KINDS)
def test_it_is_made_of_the_fields_that_are_named_for_it(kind):
    """A judge beside Python asks for a line once for all events that agree in these."""
    every = {name: _VALUES.get(name, name) for name in OWN_FIELDS[kind] | COMMON_FIELDS}
    every |= {"change": "adopted" if kind == "technographic" else "joined", "relationship": "champion"}
    whole = event(kind)._replace(fields=every)
    bare = whole._replace(fields={name: every[name] for name in FIELDS[kind]})
    assert line(whole) == line(bare)
