"""The decisions of Signal Engine as pure functions: no clock, log, await, I/O or framework; `now` is an argument.

Read `flow.py` first: it shows what one event does to one account, step by step. Then, along the flow:

    rules/    events        what the wire hands in: a validated event of one account
              points        event -> points, by the first rule that holds (`rulebook`, `predicates`, `personas`)
              policy        a scoring file as values; `kinds`, `instants`, `relations`, `problems`: what everybody needs
    actions/  action        what a named person decided about an account
              in_force      which of it is in force at an instant; `log`: which actions have been counted
    score/    remembered    which ids an account has already counted
              account       the state: what is remembered of alerts, people and the level; `kind_state` per kind
              stacking      a signal is folded into it
              stack         what is kept -> score with its parts (`saturation`)
              levels        cold, warm, hot, with hysteresis; the instant at which a level will end
              snapshot      an account at one instant, as lists, alerts and explanations show it (`why_now`, `wording`)
              forgetting    what is removed once it decides nothing
    fit/      icp           who is worth chasing, by ICP files and nothing else
              acted         the same, as people's actions leave it
              criteria      everything that speaks against an account, in the order of the funnel
              eligibility   who may be on a list, and who may be alerted (`reasons`)
              ranking       priority, pins, order, cut
    alerting/ alerts        whom to call, and when not, why not; `signal_alert` asks for one signal
              alert         an alert as it is sent: for whom, and why now
    delivery/ plan          where an alert goes, to whom and when, by routes and people; `answering`, `flood`
    sync/     fields        what other systems are told of an account, and what of it has changed

`laws` rejects invalid scoring files and `advice` warns about valid ones; `acting` applies an account action;
`past_alerts` restores past alerts when states are rebuilt; `errors` has the root of all exceptions. A room may import
only rooms above it in this list. The core imports nothing else of ours.
"""
