"""The interfaces that the engine needs (store, producer, event log), and the values that cross them: fetches,
transactions.

The ground floor: imports nothing of the engine. Adapters implement what is declared here.
"""
