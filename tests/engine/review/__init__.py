"""The 90-day review."""
