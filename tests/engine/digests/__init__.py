"""Digests: what each person is told, and that each is sent once."""
