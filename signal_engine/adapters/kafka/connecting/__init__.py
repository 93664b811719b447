"""How Kafka is reached, which failures pass, and which partition a key belongs to.

Imports no other room of the adapter.
"""
