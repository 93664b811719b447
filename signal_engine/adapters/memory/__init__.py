"""The store in memory: the twin of the one in Redis, for tests and for a process that keeps nothing.

One contract suite runs on both. Imports no other adapter.
"""
