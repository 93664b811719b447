"""The wire: bytes to core values and back. One place where validation happens; errors are values.

In:  `decode` (events, via `event_models`, `account_names`, `cloudevents`, `instants`; what is wrong is a `Refusal`),
     `scoring_file`, `icp_file`, `accounts_file` (configuration and accounts, via `yaml_files`).
Out: `entries` and `explanations` (one score, explained the same way everywhere), `state` (an account as bytes).
The schemas of both are `event_models` and `outputs`, written to files by `schemas` and `asyncapi`.
"""
