"""The commands that take in other tools' data: `import`, `ingest`, `mapping`, `match`, `score`.

May import the wiring, `replay_run` and everything inwards.
"""
