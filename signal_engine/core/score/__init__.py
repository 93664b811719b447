"""An account's state and the score made of it: evidence folded in, decay, saturation, levels, and why now.

Imports `core.rules` only.
"""
