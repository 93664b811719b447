"""The server of `mcp`: tools that agents call, read-only, by the official SDK (the extra `mcp`).

Imports `wire.agents`, the read model and rooms further in. Who may ask over HTTP is `adapters.http.agents`' business.
"""
