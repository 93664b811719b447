"""The HTTP API and the dashboard (contract.md, section 4): Starlette on uvicorn, reading through `engine.read_model`.

    request -> edge        host, rate, token; headers of every answer; bounds on what a client may send
            -> api         one endpoint each, JSON that is ready or nearly
            -> dashboard   pages, rendered here from the same values

`api.operations` declares each endpoint once: routes, checks of parameters and the OpenAPI document are made of it
(`description`).

`ingest` is the second server: events and webhooks in, behind the same edge, with a table of its own.

Imports the engine's rooms for what people read and do (read_model, door, intake, partition, ports); no other adapter.
"""
