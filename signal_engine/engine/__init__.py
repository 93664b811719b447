"""The engine connects the core's decisions with input and output. Its rooms, from the ground floor up:

    ports         interfaces to the outside; imports nothing of the engine
    ingest        fetched records, in order of time, triaged
    intake        rows of other tools' exports to events
    context       what every room uses
    actions       account actions that hide at once
    outcomes      what came of accounts, kept for people
    dead_letters  rejected and rerouted records
    partition     one batch, one transaction: start at `process_batch`
    publishing    publishing lists and alerts
    fit           the fit table and its versions
    maintenance   what time and new tables change
    rules         the life of a rule: publications, and what brings them into force
    distribution  how scores spread
    worker        the partitions of one worker, and rebuilding them
    door          account actions: who may do what, before a record is written
    backtest      the same decisions over files
    read_model    what people read
    reports       the effect of an ICP on a market, and what it misses
    validation    whether scores predict deals
    sync          systems that follow: what each is told, and when
    notify        alerts to people: planned into the ledger, sent by one queue per destination
    digests       each person's list, with what has changed, sent once
    review        the 90-day review

A room imports only rooms above it, and not its neighbours of one layer (pyproject.toml has the layers); import-linter
checks it.
"""
