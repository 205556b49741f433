"""Grants: the list, the page of one, and the buttons that change it."""

from collections.abc import Callable
from typing import Any, cast
from uuid import UUID

from django.core.paginator import Paginator
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import NoReverseMatch, reverse
from django.views.decorators.http import require_safe

from governance.models import UseCase, User
from governance.policy import can, can_somewhere
from governance.roles import Permission
from hub import grant_kit, kit_caller, outgrown, story
from hub.access_pages import request_status
from hub.account_setup import logging_command
from hub.actions import grants
from hub.models import AccessRequest, Artefact, Grant
from hub.provisioning.kinds import LABELS
from portal.lib.addresses import words_of
from portal.lib.errors import NotAllowed
from portal.lib.htmx import render
from portal.lib.refusing import told
from portal.lib.verbs import verb

PAGE = 50
WAITING = (AccessRequest.State.IN_REVIEW, AccessRequest.State.CHANGES_REQUESTED)


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """Grants of the tenants that one may see, narrowed by state and words."""
    user = cast(User, request.user)
    found = _narrowed(_grants(user), request.GET.get("state", ""), words_of(request, "q", 100).strip())
    page = Paginator(found, PAGE).get_page(request.GET.get("page"))
    rows = [(grant, story.status(grant), outgrown.mark(grant)) for grant in page]
    context = {"page": page, "rows": rows, "states": Grant.State.choices}
    return render(request, "hub/grants/list.html", context, partial="rows")


@require_safe
def detail(request: HttpRequest, uid: UUID) -> HttpResponse:
    """One grant: its story, what exists of it in AWS, what proved it, code to copy, and what can be done."""
    user = cast(User, request.user)
    grant = get_object_or_404(_grants(user).select_related("account", "plan", "tenant__parent"), uid=uid)
    moving = story.is_moving(grant)
    context = {
        "grant": grant,
        "status": story.status(grant),
        "moving": moving,
        "outgrown": outgrown.sentence(grant),
        "may_ask": can_somewhere(user, Permission.REQUEST_ACCESS),
        "story": story.story(grant),
        "artefacts": [(one, LABELS[one.kind], story.drift(one)) for one in grant.artefacts.all()],
        "probes": grant.probes.all()[:6],
        **_kit(grant),
        **_cure(grant, user),
        "usage_url": _usage_url(grant, user),
        **_may(grant, user, moving=moving),
    }
    return render(request, "hub/grants/detail.html", context, partial="life")


@require_safe
def use_case_panel(request: HttpRequest, uid: UUID) -> HttpResponse:
    """What a use case has and waits for: a part of its page in governance."""
    user = cast(User, request.user)
    use_case = get_object_or_404(UseCase.objects.visible_to(user), uid=uid)
    found = _grants(user).filter(use_case=use_case)
    waiting = AccessRequest.objects.visible_to(user).filter(use_case=use_case, state__in=WAITING)
    context = {
        "use_case": use_case,
        "grants": [(grant, story.status(grant)) for grant in found],
        "requests": [(one, request_status(one)) for one in waiting.select_related("model", "requested_by")],
    }
    return render(request, "hub/grants/panel.html", context)


@verb(back="access:grant-detail")
def freeze(request: HttpRequest, uid: UUID) -> HttpResponse:
    return _decide(request, uid, grants.freeze, "Atrium is denying every call of it in AWS.")


@verb(back="access:grant-detail")
def unfreeze(request: HttpRequest, uid: UUID) -> HttpResponse:
    return _decide(request, uid, grants.unfreeze, "Atrium takes the deny away and proves the access again.")


@verb(back="access:grant-detail")
def revoke(request: HttpRequest, uid: UUID) -> HttpResponse:
    return _decide(request, uid, grants.revoke, "Atrium is removing it from AWS.")


@verb(back="access:grant-detail")
def retry(request: HttpRequest, uid: UUID) -> HttpResponse:
    user = cast(User, request.user)
    grant = get_object_or_404(_grants(user), uid=uid)
    with told(request, "Atrium tries again; this page follows."):
        grants.retry(grant, by=user)
    return redirect(grant)


def _decide(request: HttpRequest, uid: UUID, action: Callable[..., None], done: str) -> HttpResponse:
    user = cast(User, request.user)
    grant = get_object_or_404(_grants(user), uid=uid)
    with told(request, done):
        action(grant, reason=request.POST.get("reason", ""), by=user)
    return redirect(grant)


def _grants(user: User) -> QuerySet[Grant]:
    return Grant.objects.visible_to(user).select_related("use_case", "tenant", "model", "request__requested_by")


def _narrowed(found: QuerySet[Grant], state: str, words: str) -> QuerySet[Grant]:
    if state in Grant.State.values:
        found = found.filter(state=state)
    if words:
        named = Q(use_case__name__icontains=words) | Q(model__name__icontains=words) | Q(tenant__name__icontains=words)
        found = found.filter(named)
    return found


def _kit(grant: Grant) -> dict[str, Any]:
    if grant.state != Grant.State.ACTIVE:
        return {}
    return {"kit": grant_kit.snippets(grant), "caller": kit_caller.caller(grant)}


def _cure(grant: Grant, user: User) -> dict[str, Any]:
    """The command that turns logging on where it being off holds the grant up; the account, for who may see it."""
    off = grant.artefacts.filter(kind="invocation_logging", state=Artefact.State.FAILED)
    if grant.has_ended or not off.exists():
        return {}
    may_see = can(user, Permission.VIEW_PLATFORM)
    return {
        "cure": logging_command(grant.account.number, grant.region),
        "account_url": reverse("hub:account-detail", args=[grant.account.uid]) if may_see else "",
    }


def _may(grant: Grant, user: User, *, moving: bool) -> dict[str, Any]:
    """Which buttons apply now; whoever may not press one reads why from the action itself."""
    freezes = can(user, Permission.FREEZE_GRANT, grant.tenant)
    live = not grant.has_ended and grant.wanted != Grant.Wanted.NOTHING
    return {
        "may_freeze": freezes and live and grant.wanted == Grant.Wanted.ACCESS and bool(grant.profile_arn),
        "may_unfreeze": freezes and live and grant.wanted == Grant.Wanted.DENIAL,
        "may_revoke": can(user, Permission.REVOKE_GRANT, grant.tenant) and live,
        "may_retry": not grant.has_ended and not moving and _may_retry(grant, user),
    }


def _may_retry(grant: Grant, user: User) -> bool:
    try:
        grants.check_may_retry(grant, user)
    except NotAllowed:
        return False
    return True


def _usage_url(grant: Grant, user: User) -> str:
    """The panel of what it uses, for who may see costs, if the pages of costs are there."""
    if not can(user, Permission.VIEW_COSTS, grant.tenant):
        return ""
    try:
        return reverse("costs:use-case-panel", args=[grant.use_case.uid])
    except NoReverseMatch:
        return ""
