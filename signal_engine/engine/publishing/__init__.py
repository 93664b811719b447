"""What goes out: lists by the exact top N, published when they changed, and alerts relayed once they are on disk.

Imports ports, context and partition.
"""
