"""Account actions: what people decided about an account, and which of it is in force.

Imports rules.
"""
