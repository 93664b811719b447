"""The systems that follow: the sync file and the tables."""
