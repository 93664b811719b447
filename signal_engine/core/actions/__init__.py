"""Account actions: what people decided about an account, and which of it is in force.

May import `core.rules`; today it imports no other room.
"""
