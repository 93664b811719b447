"""What people and their tools read: one snapshot per process, one account explained, search, health.

Imports ports, context, dead_letters and partition; changes nothing.
"""
