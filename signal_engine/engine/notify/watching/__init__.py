"""What happens after an alert was told of: its clock, and its message that is kept up to date.

Imports the room around it, `engine.ports`, and wire and core.
"""
