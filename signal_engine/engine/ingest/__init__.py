"""What was fetched, put in order: queues, alignment of topics in time, triage, where a rerouted record came from.

Imports `engine.ports`.
"""
