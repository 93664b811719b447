"""`icp patterns`: which accounts a company wins, by field value, and the draft of a first ICP.

Imports the rest of `engine.validation`, `engine.fit` and the core.
"""
