"""The store of steps in memory: the twin of the one in Redis, for tests and for a process that keeps nothing."""
