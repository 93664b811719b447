"""`signal-engine report`: what the rule misses, as tables, JSON or CSV.

Imports wiring, the replay and the reports of the engine.
"""
