"""The topic `fit.accounts`, which holds the accounts as loaded: its rows to values and back. Errors are values. Imports
config, actions, events and core.
"""
