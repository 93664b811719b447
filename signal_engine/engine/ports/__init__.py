"""What the engine asks of the outside (store, producer, event log), and the values that cross: fetches, transactions.

The ground floor: imports nothing of the engine. Adapters implement what is declared here.
"""
