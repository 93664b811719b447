"""`signal-engine mcp`: asked by the official SDK's client, in both eras of the protocol."""
