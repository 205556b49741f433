"""Addresses with holes, beside all true ones: the walk must find each of them."""

from uuid import UUID

from django import forms
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import include, path
from django.views.decorators.http import require_POST, require_safe

from governance.models import PersonRequest, Tenant, UseCase, User
from governance.roles import Permission
from portal.access.rules import Rule, page, post, within
from portal.lib.errors import Refused
from portal.lib.refusing import told
from tests.access.choices import Choice


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


@require_POST
def unwilling(request: PersonRequest, uid: UUID) -> HttpResponse:
    """It sends back as if all were well, and did nothing."""
    get_object_or_404(UseCase.objects.visible_to(request.user), uid=uid)
    with told(request, "Done."):
        raise Refused("The moment is bad.")
    return redirect("home")


@require_POST
def boasting(request: PersonRequest, uid: UUID) -> HttpResponse:
    """It says that it is done and did nothing."""
    get_object_or_404(UseCase.objects.visible_to(request.user), uid=uid)
    return redirect("home")


@require_POST
def forgetful(request: PersonRequest, uid: UUID) -> HttpResponse:
    """It turns everybody away who may not, and nobody hears of it."""
    get_object_or_404(UseCase.objects.visible_to(request.user), uid=uid)
    if request.user.current_memberships[0].role == "owner":
        UseCase.objects.filter(uid=uid).update(sponsor="Somebody")
        return redirect("home")
    request.user = AnonymousUser()  # type: ignore[assignment]
    raise PermissionDenied


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


@require_safe
def filtering(request: PersonRequest) -> HttpResponse:
    """A list of one's own, narrowed by any use case: one of others is empty, and none is an error."""
    wanted = get_object_or_404(UseCase, pk=request.GET.get("use_case"))
    rows = UseCase.objects.visible_to(request.user).filter(pk=wanted.pk)
    return HttpResponse(", ".join(str(case.uid) for case in rows))


@require_safe
def naming(request: PersonRequest) -> HttpResponse:
    """It says the name of what was chosen, whoever's it is."""
    tenant = Tenant.objects.filter(uid=request.GET.get("tenant")).first()
    return HttpResponse(f"Nothing was spent by {tenant}.")


class AnyOwner(forms.Form):
    """Everybody can be chosen."""

    owner = forms.ModelChoiceField(User.objects.all())


@require_POST
def choosing(request: PersonRequest) -> HttpResponse:
    """It answers the same for all, and takes whoever is chosen."""
    form = AnyOwner(request.POST)
    if form.is_valid():
        UseCase.objects.visible_to(request.user).update(owner=form.cleaned_data["owner"])
    return HttpResponse("Thank you.")


SEEN = within(Permission.VIEW)
HOLES: dict[str, Rule] = {
    "unscoped": page(sees=SEEN),
    "telling": page(sees=SEEN),
    "listing": page(),
    "hasty": post(sees=SEEN, may=within(Permission.MANAGE_BUDGETS)),
    "unwilling": post(sees=SEEN),
    "boasting": post(sees=SEEN),
    "forgetful": post(sees=SEEN, may=within(Permission.MANAGE_BUDGETS)),
    "doorless": page(sees=SEEN),
    "writing": page(sees=SEEN),
    "filtering": page(),
    "naming": page(),
    "choosing": post(),
}
# What the walk must say of each, to somebody for whom the hole is open.
FOUND = {
    "unscoped": "builder GET foreign: missing expected, 200 came",
    "telling": "builder GET foreign: the body differs from that of what never existed",
    "listing": "builder GET own: the answer tells of",
    "hasty": "colleague POST own: it changed ['governance_auditevent', 'governance_usecase'",
    "unwilling": "builder POST own: it was refused: ['The moment is bad.']",
    "boasting": "builder POST own: it was taken, and nothing changed",
    "forgetful": "builder POST own: the attempt left 0 events and not one",
    "doorless": "anonymous GET own: sign in expected, 200 came",
    "writing": "builder GET own: it changed ['governance_usecase'",
}
# Fields that name a thing, and what must be said of each.
CHOICES = {
    Choice("filtering", "GET", "use_case", "use_case.pk"): "builder: the status differs from that of what never was",
    Choice("naming", "GET", "tenant", "tenant.uid"): "builder: the answer tells of ['Zephyr insurance']",
    Choice("choosing", "POST", "owner", "builder.pk"): "builder: it changed ['governance_usecase']",
}
urlpatterns = [
    *(path(f"holes/{view.__name__}/", view, name=view.__name__) for view in (listing, filtering, naming, choosing)),
    *(path(f"holes/{view.__name__}/<uuid:uid>/", view, name=view.__name__)
      for view in (unscoped, telling, hasty, unwilling, boasting, forgetful, doorless, writing)),
    path("", include("portal.urls")),
]  # fmt: skip
