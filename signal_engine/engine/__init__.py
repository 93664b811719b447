"""The engine connects: fit table, account states, lists, and the replay that runs the core over events in order."""
