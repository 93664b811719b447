"""The server of `ingest`: `POST /v1/events` and `POST /v1/hooks/NAME` (intake.md).

    request -> edge.access_control   host, method, rate, token (`access` says what differs from the API)
            -> in_flight             how much is read at all; the body, within its bounds
            -> bodies                the body as events, whatever form it has
            -> engine.intake         validated, or refused with the reason
            -> sender                Kafka, acknowledged by all replicas; only then an answer
            -> answers               a result for every event

    hooks                            the same for a webhook: signature first, on the raw body, then its mapping

`operations` declares each endpoint once. Imports `engine.intake`, the ports, `description` and `edge`; neither `api`
nor `dashboard`.
"""
