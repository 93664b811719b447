"""The store in Redis or Valkey: shared documents, generations, fit changes; transactions are in `steps`.

Imports no other adapter.
"""
