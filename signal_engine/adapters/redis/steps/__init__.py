"""One transaction per step: WATCH, MULTI, EXEC, with marks that tell a damaged key.

Imports `adapters.redis.connecting`.
"""
