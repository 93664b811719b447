"""`signal-engine dlq`: dead letters listed, shown and redriven; paused topics resumed.

Imports `entrypoints.wiring`.
"""
