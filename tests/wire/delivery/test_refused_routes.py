"""What is wrong with a routes file: said with file, line and field, all at once."""

import sys

import pytest

from tests.wire.delivery.routes_text import ASSIGN, ROUTES, TOP, read, refused


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (TOP, "routes.yaml:1: routes: is required"),
        (TOP + "routes: []\n", "routes.yaml:14: routes: must not be empty"),
        (TOP + "routes:\n  - {to: [ops]}\n", "routes.yaml:14: routes: must have a route for triage"),
        (
            TOP + "routes:\n  - {when: {audience: triage}, to: [ops]}\n",
            "routes.yaml:15: routes.0.when: the last route must take every alert",
        ),
        (
            TOP + "routes:\n  - {when: {audience: triage}, to: [direct]}\n  - {to: [ops]}\n",
            "routes.yaml:15: routes.0.to.0: 'direct' reaches one person",
        ),
        (
            TOP + "routes:\n  - {to: [ops]}\n  - {when: {audience: triage}, to: [ops]}\n  - {to: [ops]}\n",
            "routes.yaml:16: routes.1: is never taken: routes.0 comes first in all of its cases",
        ),
        (TOP + ROUTES.replace("[ops]", "[opps]"), "routes.yaml:15: routes.0.to.0: 'opps' is none of the destinations"),
        (TOP + ROUTES.replace("[ops]", "[]"), "routes.yaml:15: routes.0.to: must not be empty"),
        (TOP + ROUTES.replace("trigger,", "triger,"), "routes.yaml:16: routes.1.when.type: must be of hand_raise, "),
        (
            TOP + ROUTES.replace("type: {in", "relation: custmer, type: {in", 1),
            "routes.yaml:16: routes.1.when.relation: must be of prospect, open_opportunity, customer, ",
        ),
        (TOP + ROUTES.replace("{icp: saas}", "{ipc: saas}"), "routes.yaml:18: routes.3.when.ipc: must be 'audience', "),
        (TOP + ROUTES.replace("always", "later"), "routes.yaml:16: routes.1.now: must be 'always' or 'hours'"),
        (TOP + ROUTES.replace("resend", "drop"), "routes.yaml:16: routes.1.on_uncertain: must be 'resend' or 'hold'"),
        (
            TOP + ROUTES.replace("digest: weekly}", "digest: weekly, now: hours}"),
            "routes.yaml:17: routes.2: takes either now or digest",
        ),
        (
            TOP + ROUTES.replace("to: [mail], digest: weekly}", "now: hours}"),
            "routes.yaml:17: routes.2: must say where to: only a digest goes where the last route does",
        ),
        (
            TOP + ROUTES.replace("to: [mail, desk, hook], ", ""),
            "routes.yaml:19: routes.4: the last route must say where to",
        ),
        (
            TOP + ROUTES.replace("audience: triage}, to: [ops]}", "audience: triage}, digest: weekly}"),
            "routes.yaml:15: routes.0.to.0: 'mail' reaches one person, but alerts for triage are for nobody",
        ),
        (TOP + ROUTES.replace("daily 08:30", "daily"), "routes.yaml:19: routes.4.digest: must be `daily 08:30`"),
        (TOP + ROUTES.replace("daily 08:30", "daily 24:00"), "routes.yaml:19: routes.4.digest: must be `daily 08:30`"),
        (TOP.replace("bo lind", "ann roe") + ROUTES, "routes.yaml:12: people.Ann Roe.backup: must be somebody else"),
        (
            TOP.replace("holidays: de", "holidays: us") + ROUTES,
            "routes.yaml:12: people.Ann Roe.holidays: 'us' is none of the calendars, and no code of a country",
        ),
        (
            TOP.replace("holidays: de", "holidays: XX") + ROUTES,
            "routes.yaml:12: people.Ann Roe.holidays: 'XX' is none of the calendars, and no country or part of one",
        ),
        (
            TOP.replace("holidays: de", "holidays: US-ZZ") + ROUTES,
            "routes.yaml:12: people.Ann Roe.holidays: 'US-ZZ' is none of the calendars, and no country or part of one",
        ),
        (TOP.replace("bo@", "ann@") + ROUTES, "routes.yaml:13: people.Bo Lind: cannot be told from Ann Roe"),
        (
            TOP.replace("leaves: 2026-12-31, ", "") + ROUTES,
            "routes.yaml:13: people.Bo Lind.successor: is only used with",
        ),
        (
            TOP + ROUTES.replace("clock: 1d", "clock: 1w"),
            "routes.yaml:18: routes.3.clock: must be minutes, hours or days",
        ),
        (TOP + ASSIGN.replace("Bo Lind", "Cy") + ROUTES, "routes.yaml:15: assign.0.pool.1: 'Cy' is none of the people"),
        (
            TOP + ASSIGN.replace("Bo Lind", "Ann Roe") + ROUTES,
            "routes.yaml:15: assign.0.pool.1: 'Ann Roe' is in the pool already",
        ),
        (TOP + ASSIGN.replace("{in: [", "{within: [") + ROUTES, "routes.yaml:15: assign.0.when.country"),
        (
            TOP + ASSIGN.replace("country: {in: [Canada]}", "") + ROUTES,
            "routes.yaml:15: assign.0.when: must not be empty",
        ),
        (TOP + "holdback: 60%\n" + ROUTES, "routes.yaml:14: holdback.0.share: must be a share of at most 50%"),
        (
            TOP + "holdback: {share: 60%, since: 2027-01-04}\n" + ROUTES,
            "routes.yaml:14: holdback.0.share: must be a share of at most 50%",
        ),
        (
            TOP + "holdback: {share: 5%, since: 2027-01-04, until: 2027-01-03}\n" + ROUTES,
            "routes.yaml:14: holdback.0: must not end before it begins",
        ),
        (
            TOP.replace("15/week", "0/week") + ROUTES,
            "routes.yaml:13: people.Bo Lind.capacity: must be accounts a week, such as 15/week",
        ),
        (
            TOP.replace("America/New_York", "America/Nowhere") + ROUTES,
            "routes.yaml:13: people.Bo Lind.zone: must be a zone",
        ),
        (
            TOP.replace("America/New_York", "../etc/passwd") + ROUTES,
            "routes.yaml:13: people.Bo Lind.zone: must be a zone",
        ),
        (
            TOP.replace("08:00-17:00", "17:00-08:00") + ROUTES,
            "routes.yaml:12: people.Ann Roe.hours: must be days with hours",
        ),
        (
            TOP.replace("Mon-Thu", "Thu-Mon") + ROUTES,
            "routes.yaml:12: people.Ann Roe.hours: must name days in the order",
        ),
        (
            TOP.replace("2027-01-03", "2026-01-03") + ROUTES,
            "routes.yaml:12: people.Ann Roe.away.0: must be a day or a range",
        ),
        (
            TOP.replace("Ann@example.com", "ann") + ROUTES,
            "routes.yaml:12: people.Ann Roe.email: must be an e-mail address",
        ),
        (
            TOP.replace(", direct: true", "") + ROUTES,
            "routes.yaml:5: destinations.direct.slack: must have either channel or",
        ),
        (
            TOP.replace("url_file: /u}}", "token_file: /t, url_file: /u}}", 1) + ROUTES,
            "routes.yaml:7: destinations.hook.slack: must have either token_file",
        ),
        (
            TOP.replace("url_file: /u}}", "url_file: /u, direct: true}}", 1) + ROUTES,
            "routes.yaml:7: destinations.hook.slack: takes no channel",
        ),
        (
            TOP.replace("ops: {webhook: {url_file: /u, secret_file: /s}}", "ops: {}") + ROUTES,
            "routes.yaml:8: destinations.ops: must have exactly one of",
        ),
        (
            TOP.replace(", secret_file: /s", "") + ROUTES,
            "routes.yaml:8: destinations.ops.webhook.secret_file: is required",
        ),
        (
            TOP.replace("Signals <s@example.com>", "Signals <s>") + ROUTES,
            "routes.yaml:9: destinations.mail.email.from: must be an e-mail",
        ),
        (
            TOP.replace("email: {from: Signals", "email: {colour: red, from: Signals") + ROUTES,
            "routes.yaml:9: destinations.mail.email.colour: is not a known field",
        ),
    ],
)
def test_what_is_wrong_is_said_with_file_line_and_field(text: str, said: str) -> None:
    lines = refused(text)
    assert any(line.startswith(said) for line in lines), lines


def test_every_problem_is_said_at_once() -> None:
    lines = refused(
        TOP.replace("bo lind", "ann roe").replace("holidays: de", "holidays: us") + ROUTES.replace("[ops]", "[x]")
    )
    assert [line.split(":")[1] for line in lines] == ["12", "12", "15"]


def test_without_the_library_a_country_is_refused_and_the_extra_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "holidays", None)
    (line,) = refused(TOP.replace("holidays: de", "holidays: US") + ROUTES)
    assert line.startswith(
        "routes.yaml:12: people.Ann Roe.holidays: 'US' is none of the calendars; public holidays by "
    )
    assert line.endswith("need the extra `holidays`: pip install '.[holidays]'")
    assert read(TOP + ROUTES).routing.team.members
