"""The contract as files: JSON Schemas and the AsyncAPI document, generated from the models of events and outputs.

Imports `wire.events`, `wire.actions`, `wire.outcomes`, `wire.output`, `wire.delivery` and `wire.sync`; nothing of
the engine imports it.
"""
