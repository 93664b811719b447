"""What was known of accounts when, by their loads."""
