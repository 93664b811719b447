"""Signal Engine as it is measured against itself."""
