"""Connection options, failures in words, and the partition of a key.

May import no other room of the adapter; imports `adapters.files.text_files`.
"""
