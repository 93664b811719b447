"""The routes file of the specification, but for the paths of secrets, with the control group that it names."""

SPECIFIED = """\
destinations:
  west:   {slack: {token_file: /run/secrets/slack, channel: "#sdr-west"}}
  direct: {slack: {token_file: /run/secrets/slack, direct: true}}            # to the person the alert is for, looked up by e-mail, cached
  ops:    {webhook: {url_file: /run/secrets/ops_url, secret_file: /run/secrets/ops_secret}}        # Standard Webhooks
  mail:   {email: {from: "Signal Engine <signals@example.com>"}}
people:                                                       # one row a name as in the accounts file's owner and sdr
  Ann Roe: {email: ann@example.com, zone: America/Los_Angeles, hours: "Mon-Fri 08:00-18:00", holidays: US, away: [2026-12-21/2027-01-03], capacity: 15/week, backup: Bo Lind, manager: Kim Yu}
  Cy Hall: {email: cy@example.com, leaves: 2026-12-31, successor: Ann Roe}
assign:                                                       # accounts without an sdr: a pool by territory, weighted by capacity, recorded as an action, kept 90 days
  - {when: {country: {in: [United States, Canada]}}, pool: [Ann Roe, Cy Hall]}
routes:                                                       # first match; a last one without `when` and one for `triage` are required
  - {when: {audience: triage}, to: [ops]}                     # inbound of accounts that do not fit or are unknown: revenue operations, self-serve
  - {when: {type: hand_raise}, to: [direct, west], now: always, clock: 15m}
  - {when: {tier: A, type: {in: [entered_hot, new_evidence, trigger]}}, to: [direct], now: hours, clock: 1d}     # held until working hours, never dropped
  - {when: {type: cooled}, digest: weekly}
  - {to: [mail], digest: daily 08:30}
holdback: 10%
"""  # noqa: E501 (as it is written)
