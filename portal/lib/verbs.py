"""Addresses of verbs: they change something, so they are only ever posted to."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.urls import reverse

View = Callable[..., HttpResponse]


def verb(back: str) -> Callable[[View], View]:
    """A view that takes POST alone. back: the URL name of the page of the same thing.

    A refusal is answered at the address of the verb, where it stays in the browser: whoever reloads it, or follows it
    from their history, comes to that page.
    """

    def decorate(view: View) -> View:
        @wraps(view)
        def only_posted(request: HttpRequest, **arguments: Any) -> HttpResponse:
            if request.method == "POST":
                return view(request, **arguments)
            if request.method in ("GET", "HEAD"):
                return HttpResponseRedirect(reverse(back, kwargs=arguments))
            return HttpResponseNotAllowed(["POST"])

        return only_posted

    return decorate
