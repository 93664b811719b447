"""The JSON endpoints, their parameters and the OpenAPI document made of both (contract.md, section 4).

Imports `adapters.http.edge`, and of the engine read_model, door, partition and ports.
"""
