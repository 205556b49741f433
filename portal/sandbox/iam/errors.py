"""What the evaluator says when it cannot judge."""


class PolicyNotUnderstood(Exception):
    """A policy uses what the evaluator does not know: said aloud, because guessing would be worse than stopping."""
