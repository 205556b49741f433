"""Taking secrets out of what is kept: the audit trail and the log.

Two kinds: what has the shape of a credential, and the very secrets that this process was given. A person may type the
first into any field, and an error may quote the second.
"""

import re
from functools import cache
from typing import Any
from urllib.parse import unquote, urlsplit

from django.conf import settings

REDACTED = "[redacted]"
# A shorter one may be a word of the language, as the sandbox's is, and is not worth the name of a secret.
SHORTEST = 12

_SHAPES = re.compile(
    r"""
      \b(?:AKIA|ASIA)[A-Z0-9]{16}\b                                        # access key ids of AWS
    | (?<![\w/+=-])(?=\S{0,39}[a-z])(?=\S{0,39}[A-Z])(?=\S{0,39}\d)[A-Za-z0-9/+]{40}(?![\w/+=-])  # AWS secret keys
    | \beyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]*                                    # JSON web tokens
    | -----BEGIN\ [A-Z ]*PRIVATE\ KEY-----.*?(?:-----END\ [A-Z ]*PRIVATE\ KEY-----|\Z)
    | (?<=://)[^\s/:@"]+:[^\s/@"]+(?=@)                                    # user:password@ of an address
    | (?<![A-Za-z0-9])at[pr]_[A-Za-z0-9_-]{20,}                           # Atrium's own: tokens of people, service keys
    | (?i:\b(?:bearer|basic)\s+)[\w.~+/=-]{8,}                             # Authorization
    | (?i:password|passwd|secret|api[_-]?key|access[_-]?key|session[_-]?token|security-token)
      \\?["']?\s*[=:]\s*\\?["']?[^\s"',;&]{6,}                            # name: value
    """,
    re.VERBOSE | re.DOTALL,
)


def redacted(text: str) -> str:
    """`text` without what looks like a credential and without this process's own secrets."""
    for secret in own_secrets():
        text = text.replace(secret, REDACTED)
    return _SHAPES.sub(REDACTED, text)


def redacted_in(content: Any) -> Any:
    """JSON content (dicts, lists, scalars) with every string in it redacted."""
    if isinstance(content, str):
        return redacted(content)
    if isinstance(content, dict):
        return {name: redacted_in(value) for name, value in content.items()}
    if isinstance(content, list | tuple):
        return [redacted_in(value) for value in content]
    return content


@cache
def own_secrets() -> tuple[str, ...]:
    """The secrets of the settings, the longest first; those of `SHORTEST` characters and more."""
    broker = urlsplit(settings.BROKER_URL).password or ""
    given = [settings.SECRET_KEY, *settings.AUDIT_KEYS, str(settings.DATABASES["default"].get("PASSWORD", ""))]
    given += [settings.EMAIL_HOST_PASSWORD, settings.METRICS_TOKEN, broker, unquote(broker)]
    return tuple(sorted((one for one in set(given) if len(one) >= SHORTEST), key=len, reverse=True))
