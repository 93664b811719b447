"""What `digest --follow` answers of itself."""

from typing import Any

from signal_engine.adapters.http.digests.application import SILENT_AFTER_MS, digest_application
from signal_engine.adapters.http.edge.access_control import AccessPolicy
from signal_engine.adapters.http.edge.rate_limit import RateLimit
from signal_engine.adapters.http.edge.tokens import Tokens
from signal_engine.engine.digests.figures import DigestFigures
from signal_engine.engine.digests.sending import DigestEnd
from tests.http.asking import ask

NOW = 1_000_000_000
OPEN = AccessPolicy(Tokens.parse(""), frozenset(), frozenset(), RateLimit(0, lambda: 0.0), RateLimit(0, lambda: 0.0))


async def ready(figures: DigestFigures) -> tuple[int, Any]:
    answer = await ask(digest_application(figures, ["mail"], lambda: NOW, OPEN), "/readyz")
    return answer.status, (answer.json["status"], answer.json["problems"])


async def test_readiness_is_that_digests_can_be_made_and_arrive() -> None:
    figures = DigestFigures()
    assert await ready(figures) == (503, ("unready", ["has not looked yet at what is due"]))
    figures.looked(NOW, None)
    assert await ready(figures) == (200, ("ready", []))
    figures.ended("mail", DigestEnd("failed", "nobody of that name"), NOW)
    assert await ready(figures) == (
        200, ("degraded", ["mail: its last digest ended as failed: nobody of that name"]),
    )  # fmt: skip
    figures.looked(NOW, "cannot reach redis://x")
    assert await ready(figures) == (503, ("unready", ["cannot reach redis://x"]))
    figures.looked(NOW - SILENT_AFTER_MS - 1_000, None)
    assert await ready(figures) == (503, ("unready", ["has not looked at what is due for 301 s"]))
    figures.ended("mail", DigestEnd("sent"), NOW - 1_000)
    assert (await ready(figures))[0] == 200, "a long look, of which something comes"


async def test_metrics() -> None:
    figures = DigestFigures()
    figures.ended("mail", DigestEnd("sent"), NOW)
    figures.looked(NOW, None)
    app = digest_application(figures, ["mail", "direct"], lambda: NOW, OPEN)
    text = (await ask(app, "/metrics")).body.decode()
    for line in (
        'signal_engine_digests_total{destination="mail",end="sent"} 1.0',
        'signal_engine_digest_last_success_timestamp_seconds{destination="mail"} 1e+06',
        "signal_engine_digest_delayed 0.0",
        "signal_engine_digest_last_look_timestamp_seconds 1e+06",
    ):
        assert line in text, text
    assert 'last_success_timestamp_seconds{destination="direct"}' not in text, "none arrived yet"
    assert (await ask(app, "/v1/lists")).status == 404
