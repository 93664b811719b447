"""The systems that follow: sinks over a market in memory."""
