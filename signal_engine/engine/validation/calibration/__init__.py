"""`calibrate`: thresholds for a capacity, by replay; points, half-lives and caps fitted to outcomes.

Imports the rest of `engine.validation` and the core.
"""
