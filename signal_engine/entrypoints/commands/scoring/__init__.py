"""`signal-engine scoring`: try a scoring file on accounts and events, without servers, and publish it.

May import wiring, what publications share, the reports and rules of the engine and their tables.
"""
