"""`signal-engine dlq`: list, show and redrive dead letters; resume paused topic-partitions.

May import `entrypoints.wiring` and everything inwards.
"""
