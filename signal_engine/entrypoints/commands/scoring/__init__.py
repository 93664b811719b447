"""`signal-engine scoring`: try a scoring file on accounts and events, without servers.

May import wiring, the reports of the engine and their tables.
"""
