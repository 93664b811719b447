"""Whoever knows a company by its name or by its id in the CRM finds it, too."""

from typing import Any

import pytest

from tests.http.asking import ask
from tests.http.market import Market


@pytest.mark.parametrize(
    ("typed", "account"),
    [
        ("https%3A%2F%2Fwww.wickerlund.com%2Fpricing", "wickerlund.com"),
        ("Quillmarsh+Systems", "quillmarsh-systems.com"),
        ("quillmarsh+SYS", "quillmarsh-systems.com"),
        ("acc-10003", "tormelay.io"),
        ("10003", "tormelay.io"),
        ("tormel", "tormelay.io"),
    ],
)
async def test_one_that_is_found_alone_is_shown_at_once(app: Any, typed: str, account: str) -> None:
    answer = await ask(app, f"/account?name={typed}")
    assert (answer.status, answer.headers["location"]) == (303, f"/accounts/{account}")


async def test_of_several_one_can_be_chosen(app: Any) -> None:
    page = (await ask(app, "/account?name=ACC-1000")).body.decode()
    assert 'href="/accounts/quillmarsh-systems.com"' in page
    assert "quillmarsh-systems.com \u00b7 CRM: ACC-10001" in page
    assert "Only the first" not in page
    many = (await ask(app, "/account?name=ACC-")).body.decode()
    assert many.count("<li><a href=") == 30
    assert "Only the first 30 are shown" in many


async def test_what_is_in_no_name_is_said(app: Any) -> None:
    answer = await ask(app, "/account?name=nobody+at+all", accept="text/html")
    assert answer.status == 404
    assert b"No account in the accounts file matches by name, CRM id or domain." in answer.body
    gone = await ask(app, "/account?name=nobody-at-all.com")
    assert (gone.status, gone.headers["location"]) == (303, "/accounts/nobody-at-all.com"), "that page says why not"


async def test_what_is_typed_and_what_is_found_is_text(lively: Market) -> None:
    one = Market()
    await one.open()
    await one.refit("wickerlund.com", name="<b>Wickerlund\u202e</b> same")
    await one.refit("tormelay.io", name="<b>Tormelay</b> same")
    store_snapshot = one.store_snapshot()
    await store_snapshot.poll()
    page = (
        await ask(one.app(store_snapshot=store_snapshot), "/account?name=%3C%2Fb%3E+same", accept="text/html")
    ).body.decode()
    assert "&lt;b&gt;Wickerlund &lt;/b&gt; same" in page
    assert "<b>W" not in page
    assert "\u202e" not in page


async def test_while_redis_is_away_nothing_is_found_and_that_is_said(lively: Market) -> None:
    store_snapshot = lively.store_snapshot()
    app = lively.app(store_snapshot=store_snapshot)
    assert (await ask(app, "/account?name=tormel")).status == 503, "it has never looked"
