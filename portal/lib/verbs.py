"""Addresses of verbs: they change something, so they are only ever posted to."""

from collections.abc import Callable, Collection
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.urls import reverse

View = Callable[..., HttpResponse]


def verb(back: str, *, given: Collection[str] | None = None) -> Callable[[View], View]:
    """A view that takes POST alone. back: the URL name of the page of the same thing, or of the list that it stands in.

    given: the names of the arguments that this page takes; None: all that the view takes.

    A refusal is answered at the address of the verb, where it stays in the browser: whoever reloads it, or follows it
    from their history, comes to that page.
    """

    def decorate(view: View) -> View:
        @wraps(view)
        def only_posted(request: HttpRequest, **arguments: Any) -> HttpResponse:
            if request.method == "POST":
                return view(request, **arguments)
            if request.method in ("GET", "HEAD"):
                named = arguments if given is None else {name: arguments[name] for name in given}
                return HttpResponseRedirect(reverse(back, kwargs=named))
            return HttpResponseNotAllowed(["POST"])

        return only_posted

    return decorate
