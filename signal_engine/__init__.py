"""Signal Engine: who of those who fit is in the market now, and why.

Two sentences govern everything: signals never change who fits, among those who fit they show who is in the market
now; and one score, explained the same way everywhere it appears.

The tour, in the order in which data flows:

    bytes of an event
      -> wire.decode             validated, its account named by registrable domain; or refused, with a reason
      -> core.events.Event
      -> core.flow.advance       the whole judgement of one event: read this file first
           -> core.rules         event -> points
           -> core.account       folded into the account's state
           -> core.stack         state -> score with its parts
           -> core.levels        score -> cold, warm, hot
           -> core.alerts        level and evidence -> a call, or the reason why not now
      -> core.fit, core.ranking  the score meets the fit -> priority, order
      -> engine.lists            ranked lists
      -> wire.entries            lists and alerts as the JSON that leaves

`engine.replay` runs this over event files. For events that never end, Faust (`adapters.faust`) hands over batches:

    one fetch of one topic and partition
      -> engine.reader           queued; which topics are next, and how far (`engine.alignment`)
      -> engine.applying         sorted out, judged, sent on or refused, written in one atomic step: read this second
      -> engine.steps            what a step is, and the fence that keeps late writers out
      -> engine.step_store       what keeps it: Redis (`adapters.redis`), or memory for tests
      -> engine.outbox           alerts leave when they are on disk
      -> engine.publishing       lists, by the exact top N (`engine.top`)
      -> engine.turned_away      what was refused, as dead letters; `engine.sending_again` after a mend

People and their tools look through `engine.lookout`: one watcher a process reads the store for all who ask over HTTP
(`adapters.http`), and `engine.history` is what it finds of the past.

`engine.live` owns the partitions and keeps them: timers, new fit tables and rules, the sweep. `engine.rebuilding` makes
all of it anew from Kafka beside what is served, and `engine.alert_memory` sees to it that nobody is told twice.
Dependencies point inwards only (entrypoints -> adapters -> engine -> wire -> core), and the core is pure. Formulas and
terms are those of the scoring definition; every number is configuration.
"""

__version__ = "0.1.0"
