"""Access requests: the list, the story of one, and what people do with one. Their form is in access_drafts."""

from typing import Any, cast
from uuid import UUID

from django.core.paginator import Paginator
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_safe

from governance.actions import approvals
from governance.models import User
from governance.policy import can_somewhere
from governance.roles import Permission
from hub import evidence as evidence_of
from hub.access_pages import comments_on, decision_steps, facts_of, request_status
from hub.access_plans import plan_lines
from hub.actions import access_requests
from hub.models import AccessRequest
from hub.past import changes_asked, past
from hub.request_states import EDITABLE
from portal.lib import moments
from portal.lib.addresses import words_of
from portal.lib.htmx import render
from portal.lib.refusing import told
from portal.lib.verbs import verb

State = AccessRequest.State
PAGE = 50
UNDER_REVIEW = (State.IN_REVIEW, State.CHANGES_REQUESTED)


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """Requests: one's own, all that may be seen, one's drafts; narrowed by state and words."""
    user = cast(User, request.user)
    show = request.GET.get("show", "mine")
    found = _narrowed(_shown(user, show), request.GET.get("state", ""), words_of(request, "q", 100).strip())
    page = Paginator(found, PAGE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "rows": [(one, request_status(one)) for one in page],
        "show": show,
        "states": [choice for choice in State.choices if choice[0] != State.DRAFT],
        "drafts": AccessRequest.objects.filter(requested_by=user, state=State.DRAFT).count() or None,
        "may_ask": can_somewhere(user, Permission.REQUEST_ACCESS),
    }
    return render(request, "hub/access_requests/list.html", context, partial="rows")


@require_safe
def detail(request: HttpRequest, uid: UUID) -> HttpResponse:
    """The story of one request: what was asked, what would change, who decides, how it ended."""
    user = cast(User, request.user)
    access = get_object_or_404(_complete().visible_to(user), uid=uid)
    if access.state == State.DRAFT:
        return redirect("access:request-edit", uid=access.uid)
    if access.submitted_at is None:
        raise Http404
    approval = access_requests.approval_of(access)
    own = access.requested_by_id == user.pk
    context = _evidence(access) | {
        "approval": approval,
        "status": request_status(access),
        "steps": decision_steps(approval, user) if approval else [],
        "comments": comments_on(access),
        "asked": changes_asked(access) if access.state in UNDER_REVIEW else None,
        "past": past(access),
        "grant": getattr(access, "grant", None),
        "may_edit": own and access.state in EDITABLE,
        "may_withdraw": own and access.state in UNDER_REVIEW,
        "may_clone": can_somewhere(user, Permission.REQUEST_ACCESS),
    }
    return render(request, "hub/access_requests/detail.html", context)


@require_safe
def evidence(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Plan, reasons and evidence: the part of the review page that the hub knows."""
    access = get_object_or_404(_complete().visible_to(cast(User, request.user)), uid=uid, submitted_at__isnull=False)
    return render(request, "hub/access_requests/_evidence.html", _evidence(access))


@verb(back="access:request-detail")
def withdraw(request: HttpRequest, uid: UUID) -> HttpResponse:
    access = _own(request, uid)
    done = "The draft was thrown away." if access.submitted_at is None else f"{access.code} was taken back."
    with told(request, done):
        access_requests.withdraw(access, by=cast(User, request.user))
    return redirect("access:index")


@verb(back="access:request-detail")
def clone(request: HttpRequest, uid: UUID) -> HttpResponse:
    """A new draft with the answers of a request that may be seen."""
    user = cast(User, request.user)
    access = get_object_or_404(AccessRequest.objects.visible_to(user), uid=uid)
    return redirect("access:request-edit", uid=access_requests.clone(access, by=user).uid)


@verb(back="access:request-detail")
def comment(request: HttpRequest, uid: UUID) -> HttpResponse:
    user = cast(User, request.user)
    access = get_object_or_404(AccessRequest.objects.visible_to(user), uid=uid)
    approval = access_requests.approval_of(access)
    if approval:
        with told(request):
            approvals.comment(approval, request.POST.get("text", ""), by=user)
    return redirect(f"{access.get_absolute_url()}#comments")


def _shown(user: User, show: str) -> QuerySet[AccessRequest]:
    visible = AccessRequest.objects.visible_to(user).select_related(
        "use_case", "tenant", "model", "requested_by", "grant"
    )
    if show == "all":
        return visible.filter(submitted_at__isnull=False)
    own = visible.filter(requested_by=user)
    return own.filter(state=State.DRAFT) if show == "drafts" else own.filter(submitted_at__isnull=False)


def _narrowed(found: QuerySet[AccessRequest], state: str, words: str) -> QuerySet[AccessRequest]:
    if state in State.values:
        found = found.filter(state=state)
    if words:
        named = Q(use_case__name__icontains=words) | Q(model__name__icontains=words) | Q(tenant__name__icontains=words)
        found = found.filter(named)
    return found


def _complete() -> Any:
    return AccessRequest.objects.select_related(
        "use_case__tenant", "tenant__parent", "model", "account", "profile", "guardrail_version__guardrail", "grant"
    )


def _own(request: HttpRequest, uid: UUID) -> AccessRequest:
    """One's own request: those of others are not there for writing in."""
    return get_object_or_404(AccessRequest, uid=uid, requested_by=cast(User, request.user))


def _evidence(access: AccessRequest) -> dict[str, Any]:
    plan = access.plan
    lines = evidence_of.evidence(access)
    return {
        "access": access,
        "plan": plan,
        "plan_name": f"plan {plan.short_digest}, computed {moments.ago(plan.computed_at)}" if plan else "",
        "lines": plan_lines(plan) if plan else [],
        "pairs": facts_of(access),
        "evidence": lines,
        "standing": f"{sum(line.status.tone in ('ok', 'idle') for line in lines)} of {len(lines)} stand well",
    }
