"""Writes down every call to AWS, if settings.AWS_CALL_LOG names a file: which action, in which account, with whose key.

By it the tests prove that the shipped policies are what is used, and that no call carries another account's key. One
JSON object a line, each written at once, by any number of processes: {"event": "asked" | "sent" | "answered", …}.
No secret is written: an access key id names a key and opens nothing.
"""

import json
import os
import re
from collections.abc import Iterator
from typing import Any

from django.conf import settings

KEY = re.compile(r"Credential=(?P<key>[A-Z0-9]+)/")
ARN = re.compile(r"^arn:aws:[a-z0-9-]+:[a-z0-9-]*:(?P<account>\d{12}):")


def asked(params: dict[str, Any], account: str, service: str, operation: str) -> None:
    """A call is being made: the accounts that its parameters name."""
    if settings.AWS_CALL_LOG:
        named = sorted(set(_accounts(params)))
        _write(event="asked", service=service, operation=operation, account=account, named=named, tagged=_tags(params))


def sent(request: Any, account: str, region: str, service: str, operation: str) -> None:
    """An attempt goes out: the key that signed it."""
    if settings.AWS_CALL_LOG:
        header = request.headers.get("Authorization", "")
        found = KEY.search(header.decode() if isinstance(header, bytes) else header)
        key = found["key"] if found else ""
        _write(event="sent", service=service, operation=operation, account=account, region=region, key=key)


def answered(parsed: dict[str, Any], account: str, operation: str) -> None:
    """An answer came: whose key it issued, if it is that of AssumeRole."""
    if settings.AWS_CALL_LOG and operation == "AssumeRole" and "Credentials" in parsed:
        arn, key = parsed["AssumedRoleUser"]["Arn"], parsed["Credentials"]["AccessKeyId"]
        _write(event="answered", account=account, issued=key, arn=arn)


def _accounts(value: Any) -> Iterator[str]:
    """The accounts of all ARNs that are parameters, however deep; ARNs inside of documents are content."""
    if isinstance(value, str):
        if found := ARN.match(value):
            yield found["account"]
    elif isinstance(value, dict):
        for name, inner in value.items():
            yield from [str(inner)] if name == "AccountId" else _accounts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _accounts(inner)


def _tags(params: dict[str, Any]) -> bool:
    """Whether the call sets tags at once: AWS asks for a permission of its own then."""
    return bool(params.get("Tags") or params.get("tags"))


def _write(**facts: Any) -> None:
    line = json.dumps(facts, sort_keys=True).encode() + b"\n"
    handle = os.open(settings.AWS_CALL_LOG, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        os.write(handle, line)
    finally:
        os.close(handle)
