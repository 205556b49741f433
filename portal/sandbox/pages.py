"""Pagination of the added List operations: a token is the position, so a page can be asked for again."""

import base64
import binascii
from collections.abc import Sequence
from typing import TypeVar

from portal.sandbox.errors import ValidationError

Item = TypeVar("Item")
LIMIT = 1000


def page(items: Sequence[Item], *, size: int | None, token: str | None) -> tuple[list[Item], str | None]:
    """At most ``size`` items from where ``token`` points, and the token of the next page, None at the end."""
    start = _position(token) if token else 0
    end = start + min(size or LIMIT, LIMIT)
    return list(items[start:end]), (_token(end) if end < len(items) else None)


def _token(position: int) -> str:
    return base64.urlsafe_b64encode(f"after:{position}".encode()).decode()


def _position(token: str) -> int:
    try:
        return int(base64.urlsafe_b64decode(token).decode().removeprefix("after:"))
    except (ValueError, binascii.Error) as error:
        raise ValidationError("The provided nextToken is not valid.") from error
