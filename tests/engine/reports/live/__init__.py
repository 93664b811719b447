"""Reports from live state."""
