"""Signal Engine: who of those who fit is in the market now, and why.

Two sentences govern everything: signals never change who fits, among those who fit they show who is in the market
now; and one score, explained the same way everywhere it appears.

The tour, in the order in which data flows:

    bytes of an event
      -> wire.events.decode       validated, its account named by registrable domain; or rejected, with a reason
      -> core.rules.events.Event
      -> core.flow.advance        the whole judgement of one event: read this file first
           -> core.rules.points   event -> points
           -> core.score.account  folded into the account's state
           -> core.score.stack    state -> score with its parts
           -> core.score.levels   score -> cold, warm, hot
           -> core.alerting       level and evidence -> an alert, or the reason why not now
      -> core.fit                 the score meets the fit -> eligibility, priority, order
      -> engine.publishing        ranked lists
      -> wire.output.entries      lists and alerts as the JSON that leaves

`engine.intake` makes events of other tools' exports, `engine.backtest` runs the flow over event files. For events that
never end, Faust (`adapters.faust`) hands over batches:

    one fetch of one topic and partition
      -> engine.ingest            queued; which topics are next, and how far (`engine.ingest.time_alignment`)
      -> engine.partition         `process_batch`: triaged, evaluated, written in one transaction: read this second
      -> engine.ports.transaction what changes at once, and the fence that keeps late writers out
      -> engine.ports.store       what keeps it: Redis (`adapters.redis`), or memory for tests (`adapters.memory`)
      -> engine.publishing        alerts, once they are on disk (`outbox_relay`); lists, by the exact top N (`top_n`)
      -> engine.dead_letters      what was rejected; `engine.dead_letters.redrive` after a mend

People and their tools read through `engine.read_model`: one watcher per process polls the store for all who ask over
HTTP (`adapters.http`).

`engine.worker.live_engine` owns the partitions and keeps them: due timers, new fit tables and garbage collection
(`engine.maintenance`). `engine.worker.rebuild` makes all of it anew from Kafka beside what is served, and
`engine.partition.past_alerts` sees to it that nobody is alerted twice. `entrypoints.commands` has one file per command.

Dependencies point inwards only (entrypoints -> adapters -> engine -> wire -> core), and the core is pure. Each folder
says in its docstring what it is for and what it may import. Formulas and terms are those of the scoring definition;
every number is configuration.
"""

__version__ = "0.1.0"
