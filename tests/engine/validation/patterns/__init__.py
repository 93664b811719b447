"""`icp patterns`: fields, evidence, drafts."""
