"""The address of an account in the CRM, made of a template that a setting names."""

import re
from typing import Final, NamedTuple
from urllib.parse import quote, urlsplit

_FIELDS: Final = ("crm_id", "account_id")
_PLACEHOLDER: Final = re.compile(r"\{([^{}]*)\}")
_NO_IDS: Final = (None, "", ".", "..")
"""The dots are no ids: browsers take them for steps up the path, even encoded."""


class CrmLink(NamedTuple):
    """A checked template; made by `crm_link`."""

    template: str

    def url(self, account_id: str, crm_id: str | None) -> str | None:
        """The address of one account, its values percent-encoded; None where it has no id that the template needs."""
        if "{crm_id}" in self.template and crm_id in _NO_IDS:
            return None
        values = {"crm_id": crm_id or "", "account_id": account_id}
        return _PLACEHOLDER.sub(lambda found: quote(values[found[1]], safe=""), self.template)


def crm_link(template: str) -> CrmLink | None:
    """The template, checked; None for an empty one. Raises ValueError.

    What comes from the accounts file can fill a path or a query, never decide whose page is opened.
    """
    if not template:
        return None
    unknown = [name for name in _PLACEHOLDER.findall(template) if name not in _FIELDS]
    if unknown or "{" in _PLACEHOLDER.sub("", template) or "}" in _PLACEHOLDER.sub("", template):
        raise ValueError("must have no placeholders but {crm_id} and {account_id}")
    if not _PLACEHOLDER.search(template):
        raise ValueError("must hold {crm_id} or {account_id}, else every account has the same page")
    try:
        parts = urlsplit(template)
        has_host = bool(parts.hostname and (parts.port is None or parts.port))
    except ValueError:
        has_host = False
    is_plain = template.isprintable() and not re.search(r"[\s\\<>\"'`]", template)
    if not has_host or parts.scheme not in {"http", "https"} or not is_plain:
        raise ValueError("must be an http or https URL, such as https://crm.example.com/accounts/{crm_id}")
    if "{" in parts.netloc or "@" in parts.netloc:
        raise ValueError("must name its host without placeholders, user or password")
    return CrmLink(template)
