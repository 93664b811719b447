"""The 90-day review: what the ICPs in force admitted and what came of it, and all that waits for a decision.

Imports `validation` (deals, statistics), `reports` (what the rules miss), `backtest`, `outcomes`, wire and core; numpy
and scipy.
"""
