"""Fetched records in order: queues, time alignment of topics, triage, origins of rerouted records.

Imports `engine.ports`.
"""
