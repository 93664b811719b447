"""The wire: bytes to core values and back. One place where validation happens; errors are values.

    events/     in: records and lines to events, or a rejection
    actions/    both ways: what people decided about accounts
    outcomes/   both ways: what came of accounts in sales
    rules/      both ways: the published rules, and which load of accounts is whole
    accounts/   both ways: accounts as loaded, one by one
    config/     in: scoring file, ICP files, accounts file, plays file
    intake/     in: mappings of other tools' exports
    storage/    both ways: what the store keeps
    output/     out: list entries, alerts, explanations (one score, explained the same way everywhere)
    delivery/   both ways: the routes file in, the way of an alert out
    messages/   out: what an alert or a digest says, in the form of each medium
    sync/       both ways: the sync file in; ledgers, tables and messages of systems that follow
    agents/     out: what agents are told
    contracts/  the schemas of both, written to `schemas/`

`instants` and `topics` are for all rooms. Imports the core.
"""
