"""The engine connects what the core decides with what comes in and goes out. Its rooms, from the ground floor up:

    ports         what is asked of the outside; imports nothing of the engine
    ingest        what was fetched, in order of time, sorted out
    intake        rows of somebody else's export to events
    context       what every room works with
    dead_letters  records that do not stay
    partition     one batch, one transaction: start at `process_batch`
    publishing    lists and alerts on their way out
    fit           the fit table and its versions
    maintenance   what time and new tables change
    worker        the partitions of one worker, and rebuilding them
    distribution  how scores spread
    backtest      the same judgement over files
    read_model    what people read
    reports       what a rule does to a market, and what it misses

A room imports rooms above it in this list only; import-linter holds it.
"""
