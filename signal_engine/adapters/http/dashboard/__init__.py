"""The dashboard: pages rendered here from the same values as the API's answers.

Imports `adapters.http.edge` and `adapters.http.api`, and of the engine reports, read_model, door, partition and ports.
"""
