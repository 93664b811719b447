"""One name per company: whatever way its domain, URL or host is spelled, its registrable domain.

`https://www.Acme.co.uk/careers`, `ACME.CO.UK.` and `jobs.acme.co.uk:8443` are all `acme.co.uk`. What is registrable is
said by the Public Suffix List with its private section (`acme.github.io` is a company, `github.io` is none), in the
copy that tldextract carries: nothing is fetched. A host where companies are only guests names none of them.

A mail provider is a name like any other here: some are companies that somebody sells to. Whoever knows the accounts
file asks `is_mail_provider` of those that are not in it.
"""

import ipaddress
import re
from functools import cache, lru_cache
from typing import Final, NamedTuple, NewType

import idna
from tldextract import TLDExtract

from signal_engine.wire.events.hosts import SharedHosts, mail_providers, shipped

AccountName = NewType("AccountName", str)
"""A registrable domain, lower case, IDNA A-labels: `acme.co.uk`, `xn--mnchen-3ya.de`."""

_MAX_CACHED_LENGTH: Final = 512
"""Characters. Longer texts are read anew each time, so that the cache stays small."""
_MAX_HOST_LENGTH: Final = 253
_MAX_LABEL_LENGTH: Final = 63

_SCHEME: Final = re.compile(r"[a-z][a-z0-9+.-]*://|//|mailto:", re.ASCII | re.IGNORECASE)
_END_OF_AUTHORITY: Final = re.compile(r"[/?#\\]")  # browsers read a backslash as a slash
_PORT: Final = re.compile(r":[0-9]*\Z")
_HOST_LABEL: Final = re.compile(r"[a-z0-9_-]+")
_REGISTRABLE_LABEL: Final = re.compile(r"[a-z0-9](?:[a-z0-9-]*[a-z0-9])?")
# Browsers and inet_aton read 0x7f.1 and 127.1 as addresses, too: a last label of this form is never a domain.
_NUMERIC_LABEL: Final = re.compile(r"[0-9]+|0x[0-9a-f]*")


_PLAIN: Final = re.compile(r"(?!xn--)[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.([a-z]+)")
"""Two labels, as most accounts are spelled already: what remains is whether others register under the second only."""


class NotAnAccount(NamedTuple):
    """Why a text names no company."""

    reason: str
    """Reads on from the name of the field and never quotes the text: `is an IP address`."""


class PlainNames(NamedTuple):
    """Names of two labels that mean themselves: each under one of the suffixes, but for those that are no companies."""

    suffixes: frozenset[str]
    no_companies: frozenset[str]


_EMPTY: Final = NotAnAccount("is empty")
_TOO_LONG: Final = NotAnAccount("is too long")
_EMAIL: Final = NotAnAccount("is an e-mail address, not a domain")
_ADDRESS: Final = NotAnAccount("is an IP address, not a domain")
_CHARACTERS: Final = NotAnAccount("is not a valid domain")
_SINGLE_LABEL: Final = NotAnAccount("is a single label, not a domain")
_PUBLIC_SUFFIX: Final = NotAnAccount("is a public suffix, under which others register")
_NO_SUFFIX: Final = NotAnAccount("does not end in a known public suffix")
SHARED_HOST: Final = NotAnAccount("is a shared host, where companies are only guests")
MAIL_PROVIDER: Final = NotAnAccount("is a mail provider, not the sender's company")
"""Of a mail provider that is in no accounts file."""

_shared_hosts = SharedHosts(shipped())


def normalise(text: str) -> AccountName | NotAnAccount:
    """The account that `text` (a domain, URL or host) names, or why it names none.

    For events and for the rows of an accounts file alike. Never raises. Cached by text: 0.1 us, else 0.6 us where the
    text is the name, and 7 us where it has to be made of it.
    """
    return _cached(text) if len(text) <= _MAX_CACHED_LENGTH else _normalise(text)


def plain_names() -> PlainNames:
    """What `normalise` takes as it is, for whoever reads names beside it; until `use_shared_hosts` is called."""
    return PlainNames(_plain_suffixes(), _no_companies())


def is_mail_provider(account: str) -> bool:
    """Whether anybody can have a mailbox there, so that only an accounts file makes a company of it."""
    return account in mail_providers()


def use_shared_hosts(hosts: SharedHosts) -> None:
    """From now on in this process, `hosts` are those where companies are only guests: once, before anything is read."""
    global _shared_hosts  # noqa: PLW0603 (names are read in many places, and the list is one for all of them)
    _shared_hosts = hosts
    _cached.cache_clear()
    _no_companies.cache_clear()


def _normalise(text: str) -> AccountName | NotAnAccount:
    plain = _PLAIN.fullmatch(text)
    if plain is not None and plain[1] in _plain_suffixes() and text not in _no_companies():
        return AccountName(text)
    return _spelled(text)


def _spelled(text: str) -> AccountName | NotAnAccount:
    host = _host(text.strip())
    if isinstance(host, NotAnAccount):
        return host
    name = _ascii(host)
    if isinstance(name, NotAnAccount):
        return name
    return _registrable(name)


_cached = lru_cache(maxsize=131_072)(_normalise)  # about 300 bytes each


def _host(text: str) -> str | NotAnAccount:
    """The host of a URL, of the same without its scheme, or the bare host."""
    if not text:
        return _EMPTY
    scheme = _SCHEME.match(text)
    authority = _END_OF_AUTHORITY.split(text[scheme.end() if scheme else 0 :], maxsplit=1)[0]
    _, at, host = authority.rpartition("@")
    if at and not (scheme and scheme[0].endswith("//")):
        return _EMAIL
    if host.startswith("[") or host.count(":") > 1:
        return _ADDRESS if _is_ipv6(host) else _CHARACTERS
    return _PORT.sub("", host) or _EMPTY


def _is_ipv6(host: str) -> bool:
    try:
        ipaddress.IPv6Address(_PORT.sub("", host)[1:-1] if host.startswith("[") else host)
    except ValueError:
        return False
    return True


def _ascii(host: str) -> str | NotAnAccount:
    """Lower case and A-labels (UTS 46, non-transitional: `ß` stays itself), without a dot at the end."""
    try:
        labels = _unicode_labels(host) if not host.isascii() else host.lower().removesuffix(".").split(".")
    except (UnicodeError, IndexError):  # idna.IDNAError is a UnicodeError
        return _CHARACTERS
    if labels == [""]:
        return _EMPTY
    if not all(map(_HOST_LABEL.fullmatch, labels)):
        return _CHARACTERS
    name = ".".join(labels)
    return _TOO_LONG if len(name) > _MAX_HOST_LENGTH or max(map(len, labels)) > _MAX_LABEL_LENGTH else name


def _unicode_labels(host: str) -> list[str]:
    # Label by label, as IDNA would refuse the underscore of an ordinary subdomain.
    labels = idna.uts46_remap(host, std3_rules=False, transitional=False).removesuffix(".").split(".")
    return [label if label.isascii() else idna.alabel(label).decode("ascii") for label in labels]


def _registrable(host: str) -> AccountName | NotAnAccount:
    top = host.rpartition(".")[2]
    if _NUMERIC_LABEL.fullmatch(top):
        return _ADDRESS if "." in host else _SINGLE_LABEL
    if top == host:
        return _SINGLE_LABEL
    found = _suffix_list()(host)
    if not found.suffix:
        return _NO_SUFFIX
    if not found.domain:
        return _PUBLIC_SUFFIX
    if host in _shared_hosts:
        return SHARED_HOST
    name = f"{found.domain}.{found.suffix}"
    if not all(map(_is_registrable_label, name.split("."))):  # of the suffix, too: in *.ck a wildcard takes anything
        return _CHARACTERS
    return AccountName(name)


def _is_registrable_label(label: str) -> bool:
    """Letters, digits and inner hyphens; behind `xn--` something that IDNA allows, not just anything."""
    if not _REGISTRABLE_LABEL.fullmatch(label):
        return False
    try:
        return not label.startswith("xn--") or bool(idna.ulabel(label))
    except (UnicodeError, IndexError):
        return False


@cache
def _suffix_list() -> TLDExtract:
    """Offline: no addresses to fetch from, no folder to keep a copy in."""
    return TLDExtract(suffix_list_urls=(), cache_dir=None, include_psl_private_domains=True)


@cache
def _plain_suffixes() -> frozenset[str]:
    """Suffixes of one label under which every label but those of `_no_companies` is one company."""
    suffixes = _suffix_list().tlds
    wild = {suffix.removeprefix("*.") for suffix in suffixes if suffix.startswith("*.")}
    return frozenset(suffix for suffix in suffixes if "." not in suffix) - wild


@cache
def _no_companies() -> frozenset[str]:
    return _shared_hosts.bare.union(_suffix_list().tlds)
