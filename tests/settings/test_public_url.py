"""The address under which people reach the dashboard, as links, mail headers and browsers write it."""

import pytest

from signal_engine.entrypoints.wiring.api_access import accepted_hosts
from signal_engine.entrypoints.wiring.settings import read_settings
from signal_engine.wire.config.yaml_files import ConfigurationError

SET = "SIGNAL_ENGINE_PUBLIC_URL"


@pytest.mark.parametrize(
    ("given", "used"),
    [
        ("https://signals.example.com/", "https://signals.example.com"),
        ("https://b\u00fccher.example:8443/gr\u00f6\u00dfe/", "https://xn--bcher-kva.example:8443/gr%C3%B6%C3%9Fe"),
    ],
)
def test_it_is_ascii_as_browsers_send_it(monkeypatch: pytest.MonkeyPatch, given: str, used: str) -> None:
    monkeypatch.setenv(SET, given)
    url = read_settings().public_url
    assert url == used
    assert used.partition("://")[2].partition("/")[0].partition(":")[0].encode() in accepted_hosts("127.0.0.1", "", url)


@pytest.mark.parametrize("given", ["https://", "signals.example.com", "https://a/?b", "https://\u200b.example/"])
def test_what_is_no_address_of_a_page_is_refused(monkeypatch: pytest.MonkeyPatch, given: str) -> None:
    monkeypatch.setenv(SET, given)
    with pytest.raises(ConfigurationError, match="must be http or https://HOST"):
        read_settings()
