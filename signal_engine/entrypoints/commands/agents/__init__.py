"""`mcp`: the tools for agents, over event files or the live engine.

May import wiring, `commands.accounts` and replays.
"""
