"""When somebody tries what their roles do not permit: a page that says so, and a line in the audit trail."""

from collections.abc import Callable

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from rest_framework.request import Request

from governance import audit
from governance.models import User
from governance.vocabulary import Verb
from portal.lib.errors import NotAllowed


class RefusalMiddleware:
    """Turns NotAllowed, raised by any action, into 403 with its sentence."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if not isinstance(exception, NotAllowed):
            return None
        record(request, exception)
        return render(request, "403.html", {"exception": exception.sentence}, status=403)


def record(request: HttpRequest | Request, refusal: NotAllowed) -> None:
    """The line in the audit trail, for pages and API alike."""
    user = request.user if isinstance(request.user, User) else None
    with transaction.atomic():
        audit.record(
            Verb.ACTION_REFUSED,
            user or User(name="somebody"),
            by=user,
            address=request.path[:300],
            because=refusal.sentence,
        )
