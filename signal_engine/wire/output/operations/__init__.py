"""What `ingest` answers, and what `account`, `dlq`, `explain`, `fit`, `rebuild` and `topics` print as
JSON (contract.md, sections 4 and 5).

TypedDicts only; builders return them and terminal tables take them, so that a field is added in both or in none.
Imports the core and the rest of `wire.output`.
"""
