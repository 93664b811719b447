"""How scores spread over the accounts that fit, and what keeps accounts from being hot.

Imports ports and partition; changes nothing.
"""
