"""Addresses with holes, beside all true ones: the walk must find each of them."""

from uuid import UUID

from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import include, path
from django.views.decorators.http import require_POST, require_safe

from governance.models import PersonRequest, UseCase
from governance.roles import Permission
from portal.access.rules import Rule, page, post, within


@require_safe
def unscoped(request: PersonRequest, uid: UUID) -> HttpResponse:
    """Whoever knows the uid reads it."""
    return HttpResponse(UseCase.objects.get(uid=uid).name if UseCase.objects.filter(uid=uid) else b"", status=200)


@require_safe
def telling(request: PersonRequest, uid: UUID) -> HttpResponse:
    """404 for both, but not the same one."""
    if UseCase.objects.visible_to(request.user).filter(uid=uid).exists():
        return HttpResponse("It is yours.")
    there = UseCase.objects.filter(uid=uid).exists()
    return HttpResponse("It is not yours." if there else "There is none.", status=404)


@require_safe
def listing(request: PersonRequest) -> HttpResponse:
    """Everybody's in one list."""
    return HttpResponse(", ".join(UseCase.objects.values_list("name", flat=True)))


@require_POST
def hasty(request: PersonRequest, uid: UUID) -> HttpResponse:
    """It writes first and asks afterwards."""
    case = get_object_or_404(UseCase.objects.visible_to(request.user), uid=uid)
    UseCase.objects.filter(pk=case.pk).update(sponsor="Somebody")
    if not request.user.current_memberships[0].role == "owner":
        raise PermissionDenied
    return HttpResponse("Done.")


@login_not_required
@require_safe
def doorless(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Nobody has to sign in."""
    if not UseCase.objects.filter(uid=uid).exists():
        raise Http404
    return HttpResponse("Here it is.")


@require_safe
def writing(request: PersonRequest, uid: UUID) -> HttpResponse:
    """A read that writes."""
    case = get_object_or_404(UseCase.objects.visible_to(request.user), uid=uid)
    UseCase.objects.filter(pk=case.pk).update(people=case.people + 1)
    return HttpResponse("Seen.")


SEEN = within(Permission.VIEW)
HOLES: dict[str, Rule] = {
    "unscoped": page(sees=SEEN),
    "telling": page(sees=SEEN),
    "listing": page(),
    "hasty": post(sees=SEEN, may=within(Permission.MANAGE_BUDGETS)),
    "doorless": page(sees=SEEN),
    "writing": page(sees=SEEN),
}
# What the walk must say of each, to somebody for whom the hole is open.
FOUND = {
    "unscoped": "builder GET foreign: missing expected, 200 came",
    "telling": "builder GET foreign: the body differs from that of what never existed",
    "listing": "builder GET own: the answer tells of",
    "hasty": "colleague POST own: it changed ['governance_auditevent', 'governance_usecase'",
    "doorless": "anonymous GET own: sign in expected, 200 came",
    "writing": "builder GET own: it changed ['governance_usecase'",
}
urlpatterns = [
    path("holes/listing/", listing, name="listing"),
    *(path(f"holes/{view.__name__}/<uuid:uid>/", view, name=view.__name__)
      for view in (unscoped, telling, hasty, doorless, writing)),
    path("", include("portal.urls")),
]  # fmt: skip
