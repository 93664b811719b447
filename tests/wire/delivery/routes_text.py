"""A routes file as text, in parts that tests put together and change."""

import pytest

from signal_engine.wire.config.yaml_files import ConfigurationError
from signal_engine.wire.delivery.routes_file import RoutesFile, parse

TOP = (
    """\
version: 1
zone: Europe/Berlin
calendars: {de: [2026-12-25, 2027-01-01]}
destinations:
  direct: {slack: {token_file: /t, direct: true}}
  west: {slack: {token_file: /t, channel: "#west"}}
  hook: {slack: {url_file: /u}}
  ops: {webhook: {url_file: /u, secret_file: /s}}
  mail: {email: {from: Signals <s@example.com>}}
  desk: {email: {from: s@example.com, to: [desk@example.com]}}
people:
  Ann Roe: {email: Ann@example.com, hours: "HOURS", holidays: de, away: [DAYS], backup: bo lind}
  Bo Lind: {email: bo@example.com, zone: America/New_York, leaves: 2026-12-31, successor: Ann Roe, MORE}
""".replace("DAYS", "2026-12-21/2027-01-03, 2027-02-01")
    .replace("MORE", "capacity: 15/week, manager: ann roe")
    .replace("HOURS", "Mon-Thu 08:00-17:00, Fri 08:00-24:00")
)
ROUTES = """\
routes:
  - {when: {audience: triage}, to: [ops]}
  - {when: {type: {in: [trigger, cooled]}, tier: A}, to: [direct, west], now: always, away: hold, ON, CLOCK}
  - {when: {type: [cooled]}, to: [mail], digest: weekly}
  - {when: {icp: saas}, to: [mail], digest: weekly Fri 07:15, clock: 1d}
  - {to: [mail, desk, hook], digest: daily 08:30}
""".replace("CLOCK", "clock: 15m").replace("ON,", "on_uncertain: resend,")
ASSIGN = "assign:\n  - {when: {country: {in: [Canada]}}, pool: [ann roe, Bo Lind]}\n"


def read(text: str) -> RoutesFile:
    return parse("routes.yaml", text.encode())


def refused(text: str) -> tuple[str, ...]:
    with pytest.raises(ConfigurationError) as error:
        read(text)
    return error.value.lines
