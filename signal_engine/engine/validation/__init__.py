"""Does the score predict? A past market, replayed as it was known then, and what became of its accounts.

Imports the replay (`engine.backtest`), outcomes, loads of accounts (`engine.fit`, `engine.ports`), wire and core; numpy
and scipy, which the extra `validation` installs.
"""
