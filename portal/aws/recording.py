"""Writes down every call to AWS, if settings.AWS_CALL_LOG names a file: which action, in which account, with whose key.

By it the tests prove that the shipped policies are what is used, and that no call carries another account's key. One
JSON object a line, each written at once, by any number of processes: {"event": "asked" | "sent" | "answered", …}.
No secret is written: an access key id names a key and opens nothing.
"""

import json
import os
import re
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings

KEY = re.compile(r"Credential=(?P<key>[A-Z0-9]+)/")
ARN = re.compile(r"^arn:aws:[a-z0-9-]+:[a-z0-9-]*:(?P<account>\d{12}):")


@dataclass(frozen=True, slots=True)
class Place:
    """Where a client calls and as whom: account and role are "" for Atrium's own identity."""

    account: str
    role: str
    region: str
    service: str


def asked(place: Place, operation: str, params: dict[str, Any]) -> None:
    """A call is being made: which parameters it has, and the accounts that they name."""
    if settings.AWS_CALL_LOG:
        _write("asked", place, operation, params=sorted(params), named=sorted(set(_accounts(params))))


def sent(place: Place, operation: str, request: Any) -> None:
    """An attempt goes out: the key that signed it."""
    if settings.AWS_CALL_LOG:
        header = request.headers.get("Authorization", "")
        found = KEY.search(header.decode() if isinstance(header, bytes) else header)
        _write("sent", place, operation, key=found["key"] if found else "", host=urlsplit(request.url).netloc)


def answered(place: Place, operation: str, response: Any, parsed: dict[str, Any]) -> None:
    """An answer came: whose key it issued, if it is that of AssumeRole."""
    if settings.AWS_CALL_LOG and operation == "AssumeRole" and "Credentials" in parsed:
        arn, key = parsed["AssumedRoleUser"]["Arn"], parsed["Credentials"]["AccessKeyId"]
        _write("answered", place, operation, issued=key, arn=arn, host=urlsplit(response.url).netloc)


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


def _write(event: str, place: Place, operation: str, **more: Any) -> None:
    facts = {"event": event, "process": os.getpid(), "operation": operation, **asdict(place), **more}
    line = json.dumps(facts, sort_keys=True).encode() + b"\n"
    handle = os.open(settings.AWS_CALL_LOG, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        os.write(handle, line)
    finally:
        os.close(handle)
