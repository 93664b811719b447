"""A transaction of the engine as one of Redis: WATCH, MULTI, EXEC, with marks that tell a damaged key.

Imports `adapters.redis.connecting`.
"""
