"""Digests of people: what each is told of their list, and that each is sent once, whoever sends it.

Imports read_model, actions and ports.
"""
