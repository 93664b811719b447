"""The ledger of deliveries in Redis or Valkey: rows by partition of the topic of alerts, with its positions.

Imports `connecting`, and `engine.ports` and rooms further in.
"""
