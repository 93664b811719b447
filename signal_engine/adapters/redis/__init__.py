"""The store in Redis or Valkey: shared documents, generations, fit changes; `transactions` changes partitions.

May import no other adapter.
"""
