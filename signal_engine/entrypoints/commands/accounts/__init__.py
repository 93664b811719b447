"""Commands that look at accounts one by one, over files or in the live engine.

Imports wiring, the read model and the replay; `explain` beside it uses the same sources.
"""
