"""What holds for a whole process, settled before its command runs. May import what wiring may."""
