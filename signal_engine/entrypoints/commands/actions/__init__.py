"""`signal-engine account`: act on accounts, and read the log of what was done.

May import wiring, the door and everything inwards.
"""
