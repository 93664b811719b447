"""The link to an account in the CRM: which templates are accepted, and that values never escape their place."""

from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signal_engine.wire.output.crm_link import crm_link

HOSTILE = '../../evil?x=1&y=2#z//@evil.example"><script>'


def test_both_values_fill_their_places() -> None:
    link = crm_link("https://crm.example.com/r/{crm_id}/view?domain={account_id}")
    assert link is not None
    assert link.url("acme.co.uk", "0015/x y") == "https://crm.example.com/r/0015%2Fx%20y/view?domain=acme.co.uk"
    for no_id in (None, "", ".", ".."):
        assert link.url("acme.co.uk", no_id) is None, "there is no id to look up"


def test_a_template_of_domains_needs_no_id() -> None:
    link = crm_link("http://crm.internal:8080/search?q={account_id}")
    assert link is not None
    assert link.url("acme.com", None) == "http://crm.internal:8080/search?q=acme.com"


def test_without_a_template_there_is_no_link() -> None:
    assert crm_link("") is None


@pytest.mark.parametrize(
    ("template", "why"),
    [
        ("https://crm.example.com/accounts", "must hold"),
        ("javascript:alert('{crm_id}')", "http or https"),
        ("data:text/html,{crm_id}", "http or https"),
        ("//crm.example.com/{crm_id}", "http or https"),
        ("crm.example.com/{crm_id}", "http or https"),
        ("https:///{crm_id}", "http or https"),
        ("https://crm.example.com:port/{crm_id}", "http or https"),
        ("https://[crm/{crm_id}", "http or https"),
        ("https://crm.example.com\\@evil.example/{crm_id}", "http or https"),
        ("https://crm.example.com/ {crm_id}", "http or https"),
        ("https://{account_id}/x", "host without placeholders"),
        ("https://user:secret@crm.example.com/{crm_id}", "host without placeholders"),
        ("https://crm.example.com/{name}", "no placeholders but"),
        ("https://crm.example.com/{crm_id", "no placeholders but"),
        ("https://crm.example.com/{}", "no placeholders but"),
        ("https://crm.example.com/{crm_id}}", "no placeholders but"),
    ],
)
def test_what_is_no_template_is_refused_with_what_is_wrong(template: str, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        crm_link(template)


@given(st.text(min_size=1).filter(lambda text: text.isprintable() and text not in {".", ".."}) | st.just(HOSTILE))
def test_a_value_stays_in_its_place(value: str) -> None:
    link = crm_link("https://crm.example.com/a/{crm_id}/b?q={crm_id}")
    assert link is not None
    parts = urlsplit(link.url("acme.com", value) or "")
    assert (parts.netloc, parts.path.count("/"), parts.fragment) == ("crm.example.com", 3, "")
    assert parse_qs(parts.query, keep_blank_values=True) == {"q": [value]}
