"""What people and their tools read: one snapshot per process, one account explained, search, health.

Imports ports, context, actions, outcomes, dead_letters, partition and publishing; changes nothing.
"""
