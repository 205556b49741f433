"""Who calls: a person by their session, or somebody by a credential."""

from typing import Any, Protocol

from rest_framework.request import Request


class Credential(Protocol):
    """What an authentication class sets as `request.auth`. caller: a name of it that no other credential has."""

    @property
    def caller(self) -> str: ...

    @property
    def scopes(self) -> list[str]: ...


def credential(request: Request) -> Credential | None:
    """The credential of a request, None for a person who signed in on the pages."""
    found: Any = request.auth
    return found  # type: ignore[no-any-return]


def name_of(request: Request) -> str:
    """A name of the caller: what buckets and stored answers are kept under."""
    by = credential(request)
    return by.caller if by else f"person:{request.user.pk}"
