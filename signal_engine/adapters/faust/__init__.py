"""Faust: one agent per signal topic that receives batches, membership in the consumer group, and how the worker stops.

Behaviour of Faust that we avoid, and where:
- four tasks per message: `consumer` passes on one message per fetch and topic
- it commits what was not processed, and acks what raised: the store has the positions, group offsets are for lag
  dashboards (`consumer`), and an agent that fails stops the worker (`worker`)
- values that cannot be decoded are committed: `app` passes bytes through
- its limit on waiting messages leaves out topic-partitions and sleeps for a second when none is left: `fetch_budget`
  limits what is fetched, and agents hand it over without waiting
- offsets out of range are reset silently: `consumer_thread` says what was lost
- a web server without authentication, a leader's topic, folders of its own: off (`app`)

A test pins the private names of Faust, mode and aiokafka that are used here.

Imports `adapters.kafka`; only the worker's command imports it.
"""
