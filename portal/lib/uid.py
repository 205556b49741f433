"""UUIDv7: sorts by time of creation, cannot be guessed."""

import uuid

from uuid6 import uuid7


def new_uid() -> uuid.UUID:
    """A fresh UUIDv7."""
    return uuid.UUID(int=uuid7().int)
