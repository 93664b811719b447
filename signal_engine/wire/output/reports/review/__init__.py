"""The 90-day review as a document, and the words that terminal, page and invitation share.

Imports the documents of other reports and `wire.output`'s words.
"""
