"""The answer to a form whose token no longer fits, e.g. because the person signed in again in another tab."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

UNSHOWN = ("csrfmiddlewaretoken", "password")
LONGEST = 20_000


def failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """403 with everything that was typed, to copy, and the way back to the form. Nothing is sent again by itself.

    A button that repeats the request would let another site have its request confirmed here, so there is none.
    """
    context = {"typed": typed(request), "reason": reason}
    return render(request, "403_csrf.html", context, status=403)


def typed(request: HttpRequest) -> list[tuple[str, str]]:
    """(name, text) of the fields of this request that a person may have typed; no passwords, no tokens."""
    return [
        (name.replace("_", " "), value[:LONGEST])
        for name, values in request.POST.lists()
        if not name.startswith(UNSHOWN)
        for value in values
        if isinstance(value, str) and value.strip()
    ]
