"""CRMs, each against one on this machine that enforces its limits."""
