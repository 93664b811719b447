"""Twenty-five accounts, told as events, and what the definition makes of each of them at day 0, 7, 30 and 60.

`telling` is how a history is written, as the JSON lines and CSV rows that `replay` takes; `visits`, `news` and
`relations` are the histories; `outcomes` are the levels, scores and alerts they come to, with a word where that is not
what was intended. `scoring.yaml` holds the defaults of scoring.md section 8, `midmarket.yaml` and `strategic.yaml` the
two ICPs. Nothing here knows by which implementation it is judged.
"""
