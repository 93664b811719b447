"""What agents are told of accounts: small documents, in which foreign text is marked as data.

Imports `wire.messages` (how foreign text is cleaned), `wire.output` and rooms further in.
"""
