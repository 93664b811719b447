"""What an alert or a digest says to the person who gets it: one content, rendered for each medium.

Imports `wire.output` and rooms further in. Every medium escapes foreign text in its own way, and keeps its limits
before anything is sent.
"""
