"""The commands about delivery: `notify`, `deliveries`, `digest` and `routes`.

Imports `entrypoints.wiring` and everything further in.
"""
