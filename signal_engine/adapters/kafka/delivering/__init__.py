"""What the process that delivers reads: the topic of alerts by a group, that of account actions as a call to look.

Imports `connecting`, `records` and `topics`, and `engine.ports` and rooms further in.
"""
