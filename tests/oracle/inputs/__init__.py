"""From bytes to what the definition speaks of: lines, accounts' names, instants, values, the scoring file."""
