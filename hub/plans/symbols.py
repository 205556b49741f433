"""Symbols in a plan: what is known only once it is made. They are replaced when the plan is applied."""

from collections.abc import Mapping
from typing import Any

PROFILE_ARN = "$profile.arn"
GRANT_UID = "$grant.uid"
SYMBOLS = (PROFILE_ARN, GRANT_UID)


def resolve(content: Any, known: Mapping[str, str]) -> Any:
    """`content` (JSON) with each symbol replaced. Raises LookupError for a symbol that is not known yet."""
    if isinstance(content, dict):
        return {key: resolve(value, known) for key, value in content.items()}
    if isinstance(content, list):
        return [resolve(value, known) for value in content]
    if content in SYMBOLS:
        if not known.get(content):
            raise LookupError(f"{content} is not known before the step that makes it.")
        return known[content]
    return content
