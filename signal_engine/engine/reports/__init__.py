"""Reports on what rules do to a market and what they miss: one builder per report, each a function from values to a
document.

Imports fit (accounts as read) and backtest.
"""
