"""Account actions: records of `account.actions` to core values and back. Errors are values. Imports events."""
