"""The judgement of Signal Engine, pure: no clock, no log, no await, no I/O, no framework. `now` is an argument.

Read `flow.py` first: it is what one event does to one account, as a short list of steps. Then, along the flow:

    events      what the wire hands in: a validated event of one account
    rules       event -> points, by the first rule that holds (`rulebook`, `predicates`, `readings`)
    remembered  which ids an account has already counted
    account     the state: facets folded by forward decay, evidence, level, memory of alerts
    stack       kept signals -> score with its parts
    levels      cold, warm, hot, with hysteresis; the instant at which a level will end
    alerts      whom to call, and when not, why not (`reasons`)
    fit         who is worth chasing, by ICP files and nothing else
    ranking     priority, order, cut
    standing    an account at one instant, as lists, alerts and explanations show it (`wording`)

`policy` is a scoring file as values, `laws` says which ones are refused, `problems` how that is said; `kinds` and
`instants` hold what everybody needs to know of kinds of signal and of time.
"""
