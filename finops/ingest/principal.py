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
def principal(arn: str, account: str) -> tuple[str, str]:
    """`identity.arn` → (principal, session): `("role/claims-app", "(generated)")`, `("user/ci", "")`, `("", "")`.

    A principal of another account than the record's keeps its account in front. Session names are open to callers, so
    e-mail addresses, instance ids and generated names become one word each.
    """
    parts = arn.split(":", 5)
    if len(parts) < 6:
        return "", ""
    kind, _, name = parts[5].partition("/")
    session = ""
    if kind == "assumed-role":
        kind = "role"
        name, _, session = name.partition("/")
    found = f"{kind}/{name}" if name else kind
    return (found if parts[4] == account else f"{parts[4]}:{found}"), _plain_session(session)


def _plain_session(session: str) -> str:
    for pattern, word in _SESSIONS:
        if pattern.fullmatch(session):
            return word
    return session
