"""What was published to the topic of rules, as tables and differences.

Imports the terminal's wording.
"""
