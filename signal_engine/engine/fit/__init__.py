"""The fit table: every account decided by every active ICP, its versions, and what a new one would change.

Imports ports, partition and publishing.
"""
