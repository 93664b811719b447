"""The JSON endpoints, their parameters and the OpenAPI document made of both (contract.md, section 4).

Imports `adapters.http.description` and `edge`, and of the engine reports, read_model, door, partition and ports.
"""
