"""The door for account actions: validation, authority and default terms, before a record is written.

May import `engine.actions`, `engine.fit`, `engine.context`, `engine.ports` and everything inwards.
"""
