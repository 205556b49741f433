"""Wildcards and ARNs as IAM matches them.

Source: docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html and
reference_policies_elements_condition_operators.html (ArnLike: six parts, each matched on its own).
"""

import re
from functools import lru_cache

ARN_PARTS = 6


@lru_cache(maxsize=4096)
def _compiled(pattern: str, ignore_case: bool) -> re.Pattern[str]:
    escaped = re.escape(pattern).replace(r"\*", ".*").replace(r"\?", ".")
    return re.compile(escaped, re.DOTALL | (re.IGNORECASE if ignore_case else 0))


def like(pattern: str, value: str, *, ignore_case: bool = False) -> bool:
    """True if ``value`` matches ``pattern``, in which ``*`` stands for any text and ``?`` for one character."""
    return _compiled(pattern, ignore_case).fullmatch(value) is not None


def arn_like(pattern: str, arn: str) -> bool:
    """True if ``arn`` matches ``pattern`` part by part: a ``*`` in the first five parts never reaches over a colon."""
    if pattern == "*":
        return True
    wanted, given = pattern.split(":", ARN_PARTS - 1), arn.split(":", ARN_PARTS - 1)
    if len(wanted) != ARN_PARTS or len(given) != ARN_PARTS:
        return False
    return all(like(part, value) for part, value in zip(wanted, given, strict=True))
