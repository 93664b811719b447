"""`signal-engine sync`: the process, a run by hand, its status, and setting up a CRM; and `wiring`, what it came to.

Imports `entrypoints.wiring`, `commands.reports`, `commands.publishing`, adapters and rooms further in.
"""
