"""The store of steps in Redis or Valkey: names of keys, one script a step, errors as few words."""
