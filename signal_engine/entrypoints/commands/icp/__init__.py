"""`signal-engine icp`: an ICP file tried on accounts and events, without servers.

Imports wiring, the reports of the engine and their tables.
"""
