"""The contract as files: JSON Schemas and the AsyncAPI document, generated from the models of events and outputs.

Imports `wire.events`, `wire.actions` and `wire.output`; nothing of the engine imports it.
"""
