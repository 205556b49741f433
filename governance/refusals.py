"""When somebody tries what they may not, or what cannot be done as things stand: a page that says so, and an event.

The event has a transaction of its own: that of the attempt was rolled back. It holds who, which route and which object;
nothing that was typed, and no address that nobody knows or that opens a door by itself.
"""

import logging
from collections.abc import Callable
from datetime import timedelta

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import NoReverseMatch, ResolverMatch, reverse

from governance import audit
from governance.models import AuditEvent, User
from governance.vocabulary import Verb
from portal.lib import clock, refusing
from portal.lib.errors import NotAllowed

logger = logging.getLogger(__name__)

SAFE = {"GET", "HEAD", "OPTIONS", "TRACE"}
ANSWERS = {
    403: "It may not be done by this person, or the form had no valid token.",
    404: "There is no such thing, or none that this person may see.",
    409: "It could not be done as things stood.",
}
# Of one person in a minute; what goes beyond it is told in the log alone, so that nobody floods the trail.
MOST = 100
MINUTE = timedelta(minutes=1)
LONGEST = 300
IDENTIFIERS = {"uid", "pk", "version"}


class RefusalMiddleware:
    """Turns NotAllowed, raised by any action, into 403 with its sentence; notes each refused attempt of a person."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        with refusing.noting() as refusals:
            response = self.get_response(request)
            because = refusals[0].sentence if refusals else ANSWERS.get(response.status_code, "")
            attempted = request.method not in SAFE or any(isinstance(one, NotAllowed) for one in refusals)
            if because and attempted and response.status_code < 500:
                record(request, because)
        return response

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if not isinstance(exception, NotAllowed):
            return None
        refusing.note(exception)
        return render(request, "403.html", {"exception": exception.sentence}, status=403)


def record(request: HttpRequest, because: str) -> None:
    """Append the event of a refused attempt. Who has not signed in leaves none: anybody could fill the trail then."""
    user = getattr(request, "user", None)
    if not isinstance(user, User):
        return
    recent = AuditEvent.objects.filter(
        actor_id=user.pk, verb=Verb.ACTION_REFUSED, recorded_at__gt=clock.wall() - MINUTE
    ).order_by("-id")
    if recent[MOST - 1 : MOST]:
        logger.warning("Of one person no more than %s refused attempts a minute are audited.", MOST)
        return
    route, uid, address = _aim(request)
    with transaction.atomic():
        audit.record(
            Verb.ACTION_REFUSED,
            audit.Named("portal.address", uid or route, address),
            by=user,
            route=route,
            method=request.method,
            because=because[:LONGEST],
        )


def _aim(request: HttpRequest) -> tuple[str, str, str]:
    """Route, uid of the object ("" for none) and address. What else than an identifier stands there may be a token."""
    place = request.resolver_match
    if place is None:
        return "", "", "an address that is not there"
    uid = str(place.kwargs.get("uid") or place.kwargs.get("pk") or "")
    return place.view_name, uid, _address(place)


def _address(place: ResolverMatch) -> str:
    """The address made anew from its identifiers; the name of its route where it has other parts."""
    if not place.kwargs.keys() <= IDENTIFIERS or place.args:
        return place.view_name
    try:
        return reverse(place.view_name, kwargs=place.kwargs)
    except NoReverseMatch:
        return place.view_name
