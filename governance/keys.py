"""The keys of service accounts as text: how one is made, and what is kept of it."""

import hashlib
import secrets

PREFIX = "atr_"
# How much of a key is kept readable, to tell keys apart.
HINT = 12


def new_key() -> str:
    """A fresh key: 256 random bits after the prefix, by which a scanner of leaked secrets knows it."""
    return PREFIX + secrets.token_urlsafe(32)


def digest_of(text: str) -> str:
    """What is kept of a key. It is random and long, so one round of SHA-256 hides it."""
    return hashlib.sha256(text.encode()).hexdigest()
