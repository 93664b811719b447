"""Faust: one agent per kind that receives batches; membership of the consumer group; how the worker stops.

Behaviour of Faust that we avoid, and where:
- four tasks per message: `consumer` passes on one message per fetch and topic
- it commits what was not processed, and acks what raised: positions are the store's, group offsets are for lag
  dashboards (`consumer`), and an agent that fails stops the worker (`worker`)
- values that cannot be decoded are committed: `app` passes bytes through
- its bound on what waits leaves topic-partitions out and sleeps for a second when none is left: what is fetched is
  bounded in `fetch_budget`, and agents hand it over without waiting
- the reset of offsets out of range is silent: `consumer_thread` says what was lost
- a web server without authentication, a leader's topic, folders of its own: off (`app`)
Private names of Faust, mode and aiokafka that are used here are pinned by a test.

Imports `adapters.kafka`; only the worker's command imports it.
"""
