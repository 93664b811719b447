"""Whether somebody responds to an alert in time: clocks, whom to tell when one has run out, and the row of one.

Imports `core.delivery` and rooms further in.
"""
