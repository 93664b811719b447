"""Nothing lost, nothing doubled, whatever breaks: the engine on real servers, broken on purpose, against `replay`.

    python -m faults [--short] [--only NAME ...] [--runs N] [--seed S] [--json FILE]

The tour:

    registry     every scenario, with the promise it tests
    scenario     what a scenario is, and what a run of it says
    stage        one engine for one run: topics, tables, workers, a feed
      servers    Kafka and Redis that can be killed, frozen and started again
      proxy      a wire to Redis that can be slow, cut, or lose an answer
      worker     a worker that dies or stops at a named point, or whose clock is wrong
      market     who there is and what they do: real events, or generated journeys
      feeding    events sent at a rate while things break
      arming     lives of a worker, each ending at a named point, and how long until it applies again
    judge        what the engine made of it, against `replay` of the records that are in the topics
    report       a line a run, the table at the end, and the table of docs/reliability.md

The scenarios themselves are one noun a file: crash_points, membership, redis_faults, kafka_faults, batches,
time_faults, overload, storms, shutdown, ingest_faults. A run depends on its seed alone, as far as processes of an
operating system do.
"""
