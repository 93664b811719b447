"""A large market in Redis, and clients that poll the API."""
