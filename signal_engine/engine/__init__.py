"""The engine connects the core's decisions with input and output. Its rooms, from the ground floor up:

    ports         interfaces to the outside; imports nothing of the engine
    ingest        fetched records, in order of time, triaged
    intake        rows of other tools' exports to events
    context       what every room uses
    actions       account actions that hide at once
    dead_letters  rejected and rerouted records
    partition     one batch, one transaction: start at `process_batch`
    publishing    publishing lists and alerts
    fit           the fit table and its versions
    maintenance   what time and new tables change
    worker        the partitions of one worker, and rebuilding them
    door          account actions: who may do what, before a record is written
    distribution  how scores spread
    backtest      the same decisions over files
    read_model    what people read
    reports       the effect of an ICP on a market, and what it misses

A room may import only rooms above it in this list; import-linter checks it.
"""
