"""What stands before the server of `mcp` over HTTP: who may ask, from which pages. It knows nothing of the protocol.

Imports `edge` only.
"""
