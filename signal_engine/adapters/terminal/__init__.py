"""The terminal: tables for people on stdout, everything else on stderr, progress only where somebody watches."""
