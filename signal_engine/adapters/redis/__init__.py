"""The store in Redis or Valkey: shared documents, generations, fit changes; what moves a partition is in `transactions`.

Imports no other adapter.
"""
