"""Waiting for a page of a browser."""

from playwright.sync_api import Error, Page

from testing.waiting import until


def until_on_page(page: Page, what: str, expression: str, seconds: float = 10.0) -> None:
    """Returns as soon as `expression` (JavaScript, evaluated on the page) is true; fails the test after `seconds`.

    Playwright's own `wait_for_function` evaluates text inside the page whenever the first look fails, and a page whose
    security policy forbids `eval` refuses that. A page that is just being replaced by another one is looked at again.
    """

    def holds() -> bool:
        try:
            return bool(page.evaluate(expression))
        except Error as error:
            if "Execution context was destroyed" not in error.message:
                raise
            return False

    until(what, holds, seconds)


def until_it_hears_news(page: Page) -> None:
    """Returns once the dashboard's stream is open: an alert that is raised before is on its page, but told by none."""
    until_on_page(page, "the stream of news is open", "streaming")
