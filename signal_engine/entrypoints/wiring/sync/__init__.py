"""The sync file read, and its sinks made ready to run. Imports adapters and rooms further in."""
