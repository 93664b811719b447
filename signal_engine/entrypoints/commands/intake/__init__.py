"""The commands that bring exports in: `import`, `mapping`, `score`.

Imports the wiring and what it connects; no other command.
"""
