"""The judgement of Signal Engine, pure: no clock, no log, no await, no I/O, no framework. `now` is an argument.

Read `flow.py` first: it is what one event does to one account, as a short list of steps. Then, along the flow:

    events        what the wire hands in: a validated event of one account
    rules         event -> points, by the first rule that holds (`rulebook`, `predicates`, `readings`, `personas`)
    remembered    which ids an account has already counted
    account       the state: what is remembered of alerts, people, hand raises and the level; `kind_state` per kind
    stacking      a signal is folded into it
    stack         what is kept -> score with its parts (`saturation`)
    levels        cold, warm, hot, with hysteresis; the instant at which a level will end
    alerts        whom to call, and when not, why not (`reasons`); `signal_alert` asks for one signal
    alerting      an alert as it is told: for whom, and why now (`why_now`, `wording`)
    fit           who is worth chasing, by ICP files and nothing else; `relations`, what an account is to us
    eligibility   who may be on a list, and who may be alerted
    ranking       priority, pins, order, cut
    standing      an account at one instant, as lists, alerts and explanations show it
    forgetting    what is let go of; `past_alerts`, what is remembered again

`policy` is a scoring file as values, `laws` says which ones are refused, `problems` how that is said, `advice` what is
odd about one; `kinds` and `instants` hold what everybody needs to know of kinds of signal and of time.
"""
