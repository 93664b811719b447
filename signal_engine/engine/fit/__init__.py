"""The fit table: every account decided by every active ICP, its versions, and what a new one would change.

Imports ports, context, partition and publishing.
"""
