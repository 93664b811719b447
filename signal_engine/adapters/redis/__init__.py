"""The store in Redis or Valkey: shared documents, generations and fit changes; `transactions` moves a partition.

Imports no other adapter.
"""
