"""Delivery: people, routes, and the way of an alert."""
