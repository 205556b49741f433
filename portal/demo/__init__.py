"""A company that one can believe, made through the same actions that users call. Deterministic by seed."""
