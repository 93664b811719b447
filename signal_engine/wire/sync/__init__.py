"""Systems that follow, both ways: the sync file, what a ledger keeps of each system, and tables and messages for them.

Imports `core.sync`, `wire.config`, `wire.output`, `wire.storage` and rooms further in.
"""
