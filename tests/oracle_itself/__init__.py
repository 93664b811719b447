"""Whether the oracle says what the definition says: its answers beside figures worked out by hand."""
