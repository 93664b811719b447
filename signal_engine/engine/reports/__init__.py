"""Reports on what rules do to a market and what they miss: one builder per report, fed by files or by live state.

Imports fit (accounts as read), ingest (what came in), outcomes and backtest; `live` also ports, context (aliases),
actions (the overlay), partition (accounts as stored) and read_model (rules in force).
"""
