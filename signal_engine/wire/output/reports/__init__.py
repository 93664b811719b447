"""What reports and comparisons print as JSON: `icp`, `scoring diff`, `report`, `compare`, `validate` and others.

TypedDicts only. Imports the core and the rest of `wire.output`.
"""
