"""Output: lists of the exact top N, published when they change, and alerts, relayed once they are on disk.

Imports ports, context, actions and partition.
"""
