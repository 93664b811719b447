"""What other systems are told of accounts: the fields, the selections, and what has changed since they were last told.

Imports `core.rules`, `core.actions`, `core.score` and `core.fit`.
"""
