"""Records that do not stay: rejected, rerouted, or so many that their topic is paused; and the way back after a mend.

Imports `engine.ports`, `engine.ingest` and `engine.context`.
"""
