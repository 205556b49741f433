"""What of access is found by search: requests by number or words, grants by words."""

from collections.abc import Iterable

from django.db.models import Q

from governance.models import User
from governance.search import Hit, containing
from hub.access_pages import request_status
from hub.models import AccessRequest, Grant
from hub.models.access_request import FIRST_NUMBER
from hub.story import status


def requests(user: User, words: str, limit: int) -> Iterable[Hit]:
    """Requests by their number ("R-2041") or by use case and model; no drafts."""
    found = AccessRequest.objects.visible_to(user).filter(_named(words), submitted_at__isnull=False)
    for request in found.select_related("use_case", "model", "tenant", "grant")[:limit]:
        note = f"{request.code} · {request.tenant} · {request_status(request)}"
        yield Hit(request.headline, "request", request.get_absolute_url(), note)


def grants(user: User, words: str, limit: int) -> Iterable[Hit]:
    """Grants by use case, model, tenant, or their name in AWS."""
    named = containing(words, "use_case__name", "model__name", "slug", "tenant__name")
    found = Grant.objects.visible_to(user).filter(named).select_related("use_case", "model", "tenant")
    for grant in found[:limit]:
        yield Hit(str(grant), "grant", grant.get_absolute_url(), f"{grant.tenant} · {status(grant)}")


def _named(words: str) -> Q:
    number = words.upper().removeprefix("R-")
    if number.isdecimal() and len(number) < 10:
        return Q(pk=int(number) - FIRST_NUMBER)
    return containing(words, "use_case__name", "model__name", "tenant__name")
