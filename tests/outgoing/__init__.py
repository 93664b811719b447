"""Outgoing requests: where they may go, what is signed, what answers come to."""
