"""Fetched records in order: queues, time alignment of topics, triage, origins of rerouted records, what came in.

Imports `engine.ports`.
"""
