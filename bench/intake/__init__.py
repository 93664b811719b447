"""What `ingest` takes over time."""
