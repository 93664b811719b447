"""Transactions of the engine in Redis: WATCH, MULTI, EXEC, and marks that reveal damaged keys.

Imports `adapters.redis.connecting`.
"""
