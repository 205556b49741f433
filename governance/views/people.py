"""People and roles, on the Platform pages."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Prefetch, Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from governance import policy
from governance.actions import invitations, people
from governance.forms_platform import InvitationForm, RoleForm
from governance.models import Membership, PersonRequest, User
from governance.reports import audit_trail
from governance.roles import ROLES, Permission
from governance.views.entrance import only
from portal.lib import clock
from portal.lib.addresses import words_of
from portal.lib.htmx import render
from portal.lib.refusing import shown_on, told
from portal.lib.verbs import verb

PAGE = 50


@require_safe
@only(Permission.VIEW_PLATFORM)
def index(request: PersonRequest) -> HttpResponse:
    """Everybody with an account and what they act as."""
    words, role = words_of(request, "words", 120), words_of(request, "role", 32)
    in_force = Membership.objects.in_force(clock.now()).select_related("tenant")
    found = User.objects.prefetch_related(Prefetch("memberships", queryset=in_force, to_attr="held"))
    if words:
        found = found.filter(Q(name__icontains=words) | Q(email__icontains=words))
    if role in ROLES:
        found = found.filter(memberships__in=Membership.objects.in_force(clock.now()).filter(role=role)).distinct()
    context = {
        "page": Paginator(found.order_by("name", "pk"), PAGE).get_page(request.GET.get("page", 1)),
        "words": words,
        "role": role,
        "roles": [(one.name, one.label) for one in ROLES.values()],
        "may_manage": policy.can(request.user, Permission.MANAGE_PEOPLE),
    }
    return render(request, "platform/people/list.html", context, partial="rows")


@require_safe
@only(Permission.VIEW_PLATFORM)
def detail(request: PersonRequest, uid: UUID) -> HttpResponse:
    """One person: roles now and before, and the newest of what they did."""
    return render(request, "platform/people/detail.html", _context(request, _load(uid)))


@require_http_methods(["GET", "HEAD", "POST"])
@only(Permission.MANAGE_PEOPLE)
def invite(request: PersonRequest) -> HttpResponse:
    """Bring somebody in."""
    form = InvitationForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        roles = [(given["role"], given["tenant"])] if given["role"] else []
        with shown_on(form):
            user = people.invite(email=given["email"], name=given["name"], roles=roles, by=request.user)
            messages.success(request, f"{user} gets a mail with a link to set a password.")
            return redirect("platform:person-detail", uid=user.uid)
    context = {"form": form, "roles": ROLES.values()}
    return render(request, "platform/people/form.html", context)


@never_cache
@verb(back="platform:person-detail")
@only(Permission.MANAGE_PEOPLE)
def invitation(request: PersonRequest, uid: UUID) -> HttpResponse:
    """Show the link of an open invitation on the person's page, this once."""
    user, link = _load(uid), ""
    with told(request):
        link = people.hand_out_invitation(user, by=request.user)
    return render(request, "platform/people/detail.html", _context(request, user) | {"link": link})


@verb(back="platform:person-detail")
@only(Permission.VIEW_PLATFORM)
def give_role(request: PersonRequest, uid: UUID) -> HttpResponse:
    """Let somebody act as a role."""
    user = _load(uid)
    form = RoleForm(request.POST)
    if form.is_valid():
        with shown_on(form):
            people.give_role(user, form.cleaned_data["role"], form.cleaned_data["tenant"], by=request.user)
            messages.success(request, f"{user} is {ROLES[form.cleaned_data['role']].label} now.")
    if form.errors:
        return render(request, "platform/people/detail.html", _context(request, user, form=form))
    return redirect("platform:person-detail", uid=uid)


@verb(back="platform:person-detail", given=("uid",))
@only(Permission.VIEW_PLATFORM)
def take_role(request: PersonRequest, uid: UUID, pk: int) -> HttpResponse:
    """End a membership."""
    membership = get_object_or_404(Membership.objects.select_related("user", "tenant"), pk=pk, user__uid=uid)
    with told(request, f"{membership.user} is not {membership.spec.label} any more."):
        people.take_role(membership, by=request.user)
    return redirect("platform:person-detail", uid=uid)


@verb(back="platform:person-detail")
@only(Permission.VIEW_PLATFORM)
def deactivate(request: PersonRequest, uid: UUID) -> HttpResponse:
    """Take somebody's access away."""
    user = _load(uid)
    with told(request, f"{user} is out from their next request on."):
        people.deactivate(user, by=request.user)
    return redirect("platform:person-detail", uid=uid)


@verb(back="platform:person-detail")
@only(Permission.VIEW_PLATFORM)
def reactivate(request: PersonRequest, uid: UUID) -> HttpResponse:
    """Give somebody their access back."""
    user = _load(uid)
    with told(request, f"{user} can sign in again."):
        people.reactivate(user, by=request.user)
    return redirect("platform:person-detail", uid=uid)


def _load(uid: UUID) -> User:
    return get_object_or_404(User.objects.select_related("invited_by"), uid=uid)


def _context(request: PersonRequest, user: User, *, form: RoleForm | None = None) -> dict[str, Any]:
    may_manage = policy.can(request.user, Permission.MANAGE_PEOPLE)
    now = clock.now()
    memberships = list(user.memberships.select_related("tenant").order_by("-since"))
    did = audit_trail.visible_to(request.user).filter(actor_id=user.pk).order_by("-happened_at", "-pk")[:10]
    return {
        "person": user,
        "held": [m for m in memberships if m.until is None or m.until > now],
        "ended": [m for m in memberships if m.until is not None and m.until <= now],
        "form": form or RoleForm(),
        "may_manage": may_manage and user.pk != request.user.pk,
        "invited": may_manage and invitations.is_open(user),
        "is_me": user.pk == request.user.pk,
        "did": audit_trail.lines(did, request.user),
    }
