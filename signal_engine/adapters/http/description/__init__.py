"""An endpoint described once, as a row of a table: its route, the reading of its query and its OpenAPI operation.

`api.operations` and `ingest.operations` are the tables. Imports `adapters.http.edge` and the wire's instants.
"""
