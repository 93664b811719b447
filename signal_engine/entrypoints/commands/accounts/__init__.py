"""Commands on single accounts, from event files or from the live engine.

May import wiring, the read model and the replay; `explain` beside it uses the same sources.
"""
