"""The digest of a content: SHA-256 over canonical JSON."""

import hashlib
import json
from typing import Any


def canonical(content: Any) -> bytes:
    """`content` (dicts, lists, str, int, bool, None) as canonical JSON bytes."""
    return json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=_refuse).encode()


def sha256(content: Any) -> str:
    """The digest of `content` as 64 hexadecimal characters."""
    return hashlib.sha256(canonical(content)).hexdigest()


def _refuse(value: Any) -> Any:
    raise TypeError(f"{type(value).__name__} has no canonical form; turn it into text first.")
