"""What changes without an event: due timers, a new fit table, accounts of which nothing is left.

Imports ports, context and partition.
"""
