"""The HTTP API and the dashboard (contract.md, section 4): Starlette on uvicorn, reading through `engine.lookout` only.

    request -> gate         host, rate, token; headers of every answer
            -> lists, accounts, alerts, events, health     one endpoint each, JSON that is ready or nearly
            -> pages         the dashboard, rendered here, with the same values
`operations` declares what each endpoint reads and answers; checks and the OpenAPI document are both made of it.
"""
