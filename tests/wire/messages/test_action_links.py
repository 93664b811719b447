"""Links that act: signed, for three days, one action each; whatever is changed in one, it does nothing."""

import base64
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signal_engine.core.rules.instants import DAY, HOUR
from signal_engine.wire.messages.answers.action_links import (
    LIFETIME_MS,
    ActionLink,
    LinkKey,
    action_link,
    link_keys,
    offered,
    read_token,
    token_of,
)
from tests.wire.messages.test_content import alert_of

KEY, OLD = LinkKey("b", b"k" * 32), LinkKey("a", b"o" * 32)
NOW = 1_780_000_000_000
ANN = "ann@example.com"


def claim(key: LinkKey = KEY, at: int = NOW, **changed: Any) -> ActionLink:
    told = {"action": "claim", "account": "acme.com", "person": ANN, "delivery_id": "d-1", "alerted_at": NOW, **changed}
    return action_link(**told, key=key, at=at)


def test_a_link_says_what_it_does_until_it_expires() -> None:
    for link in (claim(), claim(action="snooze")):
        token = token_of(link, KEY)
        assert read_token(token, [KEY], NOW) == link
        assert read_token(token, [KEY], NOW + 72 * HOUR - 1) == link
        assert read_token(token, [KEY], NOW + 72 * HOUR) == "expired"
    assert (claim().until, claim(action="snooze").until) == (None, NOW + 7 * DAY)


def test_keys_are_replaced_while_links_are_on_their_way() -> None:
    token = token_of(claim(OLD), OLD)
    assert read_token(token, [KEY, OLD], NOW) == claim(OLD)
    assert read_token(token, [KEY], NOW) == "invalid"
    assert read_token(token, [LinkKey("a", KEY.secret)], NOW) == "invalid"


def test_a_mail_that_is_sent_again_offers_the_same_action() -> None:
    first, again = claim(action="snooze"), claim(action="snooze", at=NOW + DAY)
    assert (first.action_id, first.until) == (again.action_id, again.until)
    others = [claim(), claim(account="b.com"), claim(person="bo@example.com"), claim(delivery_id="d-2"), claim(OLD)]
    assert len({one.action_id for one in (first, *others)}) == 6


def test_no_link_lives_longer_than_three_days_whoever_signed_it() -> None:
    long = token_of(claim()._replace(expires=NOW + LIFETIME_MS + HOUR), KEY)
    assert read_token(long, [KEY], NOW) == "invalid"


@given(st.data())
def test_whatever_is_changed_in_a_token_it_does_nothing(data: st.DataObject) -> None:
    token = token_of(claim(), KEY)
    place = data.draw(st.integers(0, len(token) - 1))
    char = data.draw(st.sampled_from("AQgwz09_-.%é") | st.characters())
    changed = token[:place] + char + token[place + 1 :]
    read = read_token(changed, [KEY, OLD], NOW)
    assert read == "invalid" or (read == claim() and _same(changed, token))


def _same(one: str, other: str) -> bool:
    """The last character of base64 has bits that count for nothing."""
    ends = [base64.urlsafe_b64decode(text.rpartition(".")[2] + "=") for text in (one, other)]
    return one.rpartition(".")[0] == other.rpartition(".")[0] and ends[0] == ends[1]


@given(st.text())
def test_any_other_text_does_nothing(text: str) -> None:
    assert read_token(text, [KEY], NOW) == "invalid"


@pytest.mark.parametrize(
    "text",
    ["secret", "b:short", f"b:{'!' * 44}", f"b c:{'A' * 44}", f"b:{'A' * 44} b:{'B' * 44}", f"{'x' * 17}:{'A' * 44}"],
)
def test_a_bad_key_is_not_quoted(text: str) -> None:
    with pytest.raises(ValueError, match="key") as refused:
        link_keys(text)
    assert text not in str(refused.value)


def test_keys_are_lines_and_the_first_signs() -> None:
    both = link_keys(f"b:{base64.b64encode(KEY.secret).decode()}\na:{base64.urlsafe_b64encode(OLD.secret).decode()}\n")
    assert both == (KEY, OLD)
    assert link_keys("") == ()


@pytest.mark.parametrize(
    ("alert", "actions"),
    [
        ({}, ("claim", "snooze")),
        ({"claimed_by": "bo@example.com"}, ("claim", "snooze")),
        ({"claimed_by": "Ann@example.com"}, ("snooze",)),
        ({"type": "cooled"}, ()),
        ({"audience": "triage"}, ()),
    ],
)
def test_what_a_mail_offers(alert: dict[str, Any], actions: tuple[str, ...]) -> None:
    assert offered(alert_of(**alert), ANN) == actions
