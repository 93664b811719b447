"""`signal-engine report`: what ICP and scoring miss, as tables, JSON or CSV.

May import wiring, the replay and the reports of the engine.
"""
