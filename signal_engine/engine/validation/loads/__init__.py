"""What was known of accounts when, by the loads that brought them: read back, decided, and set against deals.

Imports the rest of `validation`.
"""
