"""The engine connects: fit table, account states, lists, the replay over events in order, and the steps of a store."""
