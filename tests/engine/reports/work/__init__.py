"""Reports on people's work."""
