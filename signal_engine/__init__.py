"""Signal Engine: which of the accounts that fit are in-market now, and why.

Two rules govern everything: signals never change who fits; among those who fit they show who is in-market now. And
there is one score, explained the same way everywhere it appears.

The tour, in the order in which data flows:

    bytes of an event
      -> wire.events.decode       validated, its account named by registrable domain; or rejected, with a reason
      -> core.rules.events.Event
      -> core.flow.advance        the complete decision on one event: read this file first
           -> core.rules.points   event -> points
           -> core.score.account  folded into the account's state
           -> core.score.stack    state -> score with its parts
           -> core.score.levels   score -> cold, warm, hot
           -> core.alerting       level and evidence -> an alert, or the reason why not
      -> core.fit                 the score meets the fit -> eligibility, priority, order
      -> engine.publishing        ranked lists
      -> wire.output.entries      lists and alerts as the JSON that leaves

`engine.intake` turns exports and webhooks of other tools into events; `engine.backtest` runs the flow over event files.
For a stream of events, Faust (`adapters.faust`) delivers batches:

    one fetch of one topic and partition
      -> engine.ingest            queued; which topics are next, and how far (`engine.ingest.time_alignment`)
      -> engine.partition         `process_batch`: triaged, evaluated, written in one transaction: read this second
      -> engine.ports.transaction what changes atomically, and the conflict check against late writers
      -> engine.ports.store       what keeps it: Redis (`adapters.redis`), or memory for tests (`adapters.memory`)
      -> engine.publishing        alerts, once they are on disk (`outbox_relay`); lists, by the exact top N (`top_n`)
      -> engine.dead_letters      rejected records; `engine.dead_letters.redrive` sends them again after a fix

What was published goes on in processes of its own, which hold up no worker:

    alerts and lists
      -> engine.notify            alerts to people: Slack, Teams, e-mail, webhooks (`adapters.outgoing`)
      -> engine.digests           each person's list, with what has changed
      -> engine.sync              CRMs, company lists and files, told only what has changed
      -> engine.read_model        what people and programs read: one process polls the store for all its HTTP clients
                                  (`adapters.http`)

People answer through `engine.door`: their actions are events of the account, too. `engine.rules` brings ICPs and
scoring files into force; `engine.reports`, `engine.validation` and `engine.review` say how well they do.

`engine.worker.live_engine` owns the partitions and maintains them: due timers, new fit tables and garbage collection
(`engine.maintenance`). `engine.worker.rebuild` rebuilds everything from Kafka beside the served view, and
`engine.partition.past_alerts` ensures that nobody is alerted twice. `entrypoints.commands` has one file per command.

Dependencies point inwards only (entrypoints -> adapters -> engine -> wire -> core), and the core is pure. Each folder
says in its docstring what it is for and what it may import. Formulas and terms are those of the scoring definition;
every number is configuration.
"""

__version__ = "0.1.0"
