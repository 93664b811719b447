"""Around every request: connections, protocol bounds, access control, rate limits, problem documents, kept pages.

Imports neither `adapters.http.api` nor `adapters.http.dashboard`.
"""
