"""Who fits: accounts, ICPs and relations (scoring.md section 6)."""
