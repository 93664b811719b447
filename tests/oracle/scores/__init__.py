"""From events to points, and from points to scores and levels (scoring.md sections 1, 2 and 4)."""
