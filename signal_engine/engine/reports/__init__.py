"""What a rule does to a market and what it misses: one builder per report, each a function from values to a document.

Imports fit (accounts as they were read) and backtest.
"""
