"""What reports and comparisons print as JSON: `icp`, `scoring diff`, `report`, `explain --what-if`, `compare`.

TypedDicts only. Imports the core and the rest of `wire.output`.
"""
