"""The native walker of record batches, and reader and judge of ordinary events, where they are installed: a
distribution of its own (`native/`).

Imports `engine.partition.ordinary` and rooms further in, and `signal_engine_native`.
"""
