"""The commands that take in exports of other tools: `import`, `mapping`, `score`.

May import the wiring and what it connects; no other command.
"""
