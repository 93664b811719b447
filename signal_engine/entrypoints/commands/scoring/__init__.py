"""`signal-engine icp`: try an ICP file on accounts and events, without servers.

May import wiring, the reports of the engine and their tables.
"""
