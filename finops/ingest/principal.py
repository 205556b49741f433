"""Who called, from `identity.arn`, without people's names and without one value per machine."""

import re
from functools import lru_cache

# First match wins; what matches none is kept as it is (a Lambda function's session is the name of the function).
_SESSIONS = (
    (re.compile(r".*@.*"), "(person)"),
    (re.compile(r"i-[0-9a-f]{8,17}"), "(instance)"),
    (re.compile(r".*(\d{6,}|[0-9a-f]{8}-[0-9a-f]{4}|(?=[a-f]*\d)[0-9a-f]{12,}).*"), "(generated)"),
)


@lru_cache(maxsize=65536)
def principal(arn: str) -> tuple[str, str]:
    """`identity.arn` → (ARN of the IAM principal, session), ("", "") for what is no ARN.

    A session of a role becomes `arn:aws:iam::<account>:role/<name>`: AWS leaves the role's path out of it, so compare
    without paths. Session names are open to callers, so e-mail addresses, instance ids and generated names become one
    word each.
    """
    parts = arn.split(":", 5)
    if len(parts) < 6:
        return "", ""
    kind, _, name = parts[5].partition("/")
    if kind != "assumed-role":
        return arn, ""
    role, _, session = name.partition("/")
    return f"arn:{parts[1]}:iam::{parts[4]}:role/{role}", _plain_session(session)


def without_path(arn: str) -> str:
    """The ARN of a role as `principal` tells it: a session's ARN, from which it comes, leaves the role's path out."""
    name, _ = principal(arn)
    head, role, rest = name.partition(":role/")
    return f"{head}{role}{rest.rpartition('/')[2]}" if role else name


def _plain_session(session: str) -> str:
    for pattern, word in _SESSIONS:
        if pattern.fullmatch(session):
            return word
    return session
