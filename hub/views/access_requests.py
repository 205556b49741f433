"""Access requests: the list, the form with its live verdict, the story of one."""

from typing import Any, cast
from uuid import UUID

from django.core.paginator import Paginator
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.datastructures import MultiValueDict
from django.views.decorators.http import require_POST, require_safe

from governance.actions import approvals
from governance.models import User
from governance.policy import can_somewhere
from governance.roles import Permission
from hub import evidence as evidence_of
from hub.access_pages import decision_steps, facts_of, request_status
from hub.access_plans import plan_lines
from hub.actions import access_requests
from hub.forms_access import STRUCTURE, AccessRequestForm
from hub.models import AccessRequest
from hub.request_states import EDITABLE
from hub.verdict import alike, verdict
from portal.lib import moments
from portal.lib.addresses import words_of
from portal.lib.htmx import render, wants_part
from portal.lib.refusing import shown_on, told

State = AccessRequest.State
PAGE = 50
Typed = dict[str, list[str]]


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
def new(request: HttpRequest) -> HttpResponse:
    """A draft to write in: an empty one that was left behind, or a fresh one."""
    asked = {name: [request.GET[name]] for name in ("model", "use_case") if request.GET.get(name)}
    draft = access_requests.start(typed=asked, by=cast(User, request.user))
    return redirect("access:request-edit", uid=draft.uid)


@require_safe
def edit(request: HttpRequest, uid: UUID) -> HttpResponse:
    """The form as it was left."""
    access = _own(request, uid)
    if access.state not in EDITABLE:
        return redirect(access)
    return _form_page(request, access, _form(access.typed, cast(User, request.user)))


@require_POST
def save(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Keep what was typed. htmx gets the verdict, and the rest of the form if other questions apply now."""
    access = _own(request, uid)
    before, typed = access.typed, _typed(request)
    form = _form(typed, cast(User, request.user))
    with told(request):
        _keep(access, form, typed, by=cast(User, request.user))
    if not wants_part(request):
        return redirect(f"{access.get_absolute_url()}edit/#rest")
    changed = any(before.get(name) != typed.get(name) for name in STRUCTURE)
    return _form_page(request, access, form, redraw=changed)


@require_POST
def submit(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Send the request to those who decide; what is missing or wrong is said beside its field."""
    access, user, typed = _own(request, uid), cast(User, request.user), _typed(request)
    form = _form(typed, user)
    with shown_on(form):
        _keep(access, form, typed, by=user)
        form.require_everything()
        if form.is_valid():
            access_requests.submit(access, answers=form.answers, by=user)
            return redirect("access:request-detail", uid=access.uid)
    return _form_page(request, access, form, status=422, everything=True)


@require_safe
def detail(request: HttpRequest, uid: UUID) -> HttpResponse:
    """The story of one request: what was asked, what would change, who decides, how it ended."""
    user = cast(User, request.user)
    access = get_object_or_404(_complete().visible_to(user), uid=uid)
    if access.state == State.DRAFT:
        return redirect("access:request-edit", uid=access.uid)
    approval = access_requests.approval_of(access)
    own = access.requested_by_id == user.pk
    context = _evidence(access) | {
        "approval": approval,
        "status": request_status(access),
        "steps": decision_steps(approval, user) if approval else [],
        "comments": approval.comments.select_related("author") if approval else [],
        "grant": getattr(access, "grant", None),
        "may_edit": own and access.state in EDITABLE,
        "may_withdraw": own and access.state in (State.IN_REVIEW, State.CHANGES_REQUESTED),
        "may_clone": can_somewhere(user, Permission.REQUEST_ACCESS),
    }
    return render(request, "hub/access_requests/detail.html", context)


@require_safe
def evidence(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Plan, reasons and evidence: the part of the review page that the hub knows."""
    access = get_object_or_404(_complete().visible_to(cast(User, request.user)), uid=uid, submitted_at__isnull=False)
    return render(request, "hub/access_requests/_evidence.html", _evidence(access))


@require_POST
def withdraw(request: HttpRequest, uid: UUID) -> HttpResponse:
    access = _own(request, uid)
    with told(request, f"{access.code} was taken back."):
        access_requests.withdraw(access, by=cast(User, request.user))
    return redirect("access:index")


@require_POST
def clone(request: HttpRequest, uid: UUID) -> HttpResponse:
    """A new draft with the answers of a request that may be seen."""
    user = cast(User, request.user)
    access = get_object_or_404(AccessRequest.objects.visible_to(user), uid=uid)
    return redirect("access:request-edit", uid=access_requests.clone(access, by=user).uid)


@require_POST
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
        return visible.exclude(state=State.DRAFT)
    own = visible.filter(requested_by=user)
    return own.filter(state=State.DRAFT) if show == "drafts" else own.exclude(state=State.DRAFT)


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


def _typed(request: HttpRequest) -> Typed:
    known = AccessRequestForm.base_fields
    return {name: [str(value) for value in values] for name, values in request.POST.lists() if name in known}


def _form(typed: Typed, user: User) -> AccessRequestForm:
    form = AccessRequestForm(MultiValueDict(typed), user=user)
    form.is_valid()
    return form


def _keep(access: AccessRequest, form: AccessRequestForm, typed: Typed, *, by: User) -> None:
    answers = form.answers
    access_requests.save_draft(access, typed=typed, use_case=answers.use_case, model=answers.model, by=by)


def _form_page(
    request: HttpRequest,
    access: AccessRequest,
    form: AccessRequestForm,
    *,
    redraw: bool = False,
    everything: bool = False,
    status: int | None = None,
) -> HttpResponse:
    """The form, or for htmx the verdict on it; redraw: with the rest of the questions."""
    user = cast(User, request.user)
    answers = form.answers
    context = {
        "access": access,
        "form": form,
        "answers": answers,
        "verdict": verdict(answers, asked_by=user, own=access),
        "alike": alike(answers, access),
        "first": form.first,
        "rest": everything or answers.risk is not None,
        "redraw": redraw,
        "sent": everything,
        "drafts": AccessRequest.objects.filter(requested_by=user, state=State.DRAFT).count(),
    }
    return render(request, "hub/access_requests/form.html", context, partial="answer", status=status)


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
