"""README.md: every command that it shows is run as it is written."""
