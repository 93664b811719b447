"""What came of accounts: the opportunities that outcomes tell, and the owner's tail that keeps them for people.

Nothing that is decided depends on it. Imports ports, ingest and context.
"""
