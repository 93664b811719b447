"""The topic of rules on real servers, and what is in force by it. May import what wiring may."""
