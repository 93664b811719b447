"""What the rule misses: one builder per report, from a market that was judged to a document.

Imports fit (accounts as they were read) and the core; `market` is what every builder is given.
"""
