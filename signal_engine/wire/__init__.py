"""The wire: bytes to core values and back. One place where validation happens; errors are values.

    events/     in: records and lines to events, or a rejection
    actions/    both ways: what people decided about accounts
    config/     in: scoring file, ICP files, accounts file
    intake/     in: mappings of other tools' exports
    storage/    both ways: what the store keeps
    output/     out: list entries, alerts, explanations (one score, explained the same way everywhere)
    contracts/  the schemas of both, written to `schemas/`

`instants` and `topics` are for all rooms. Imports the core.
"""
