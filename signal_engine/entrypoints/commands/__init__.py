"""The command line: a file, or a folder, per command.

May import `entrypoints.wiring` and everything inwards. Most commands share only `replay_run`,
`compared_replay`, `explanation`, `extras`, `accounts.sources` and `publishing`; other names are imported one by one.
"""
