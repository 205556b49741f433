"""Who asks: every page is for somebody who signed in."""

from typing import cast

from django.http import HttpRequest

from governance.models import User


def signed_in(request: HttpRequest) -> User:
    """The person of this request; the middleware has turned everybody else away."""
    return cast(User, request.user)
