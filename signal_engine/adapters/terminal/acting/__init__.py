"""What people decided about accounts, as tables: what a command wrote, and the log.

Imports the terminal's wording and the documents of `wire.output`.
"""
