"""What the commands for operators print as JSON: `dlq`, `fit`, `rebuild`, `topics` (contract.md, section 5).

TypedDicts only; builders return them and terminal tables take them, so that a field is added in both or in none.
Imports the core and the rest of `wire.output`.
"""
