"""Access requests: the list, the form with its live verdict, the story of one."""

from typing import Any, cast
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.datastructures import MultiValueDict
from django.utils.dateparse import parse_datetime
from django.views.decorators.http import require_safe
from django_htmx.http import HttpResponseClientRedirect

from governance.actions import approvals
from governance.models import Comment, User
from governance.policy import can_somewhere
from governance.roles import Permission
from hub import evidence as evidence_of
from hub.access_pages import decision_steps, facts_of, request_status
from hub.access_plans import plan_lines
from hub.actions import access_requests
from hub.actions.access_requests import Overtaken
from hub.forms_access import STRUCTURE, AccessRequestForm
from hub.models import AccessRequest
from hub.past import changes_asked, past
from hub.request_states import EDITABLE
from hub.verdict import alike, verdict, waits_for
from portal.lib import moments
from portal.lib.addresses import words_of
from portal.lib.htmx import render, wants_part
from portal.lib.refusing import shown_on, told
from portal.lib.uid import new_uid
from portal.lib.verbs import verb

State = AccessRequest.State
PAGE = 50
UNDER_REVIEW = (State.IN_REVIEW, State.CHANGES_REQUESTED)
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
    """The form of a request that is not there yet: its first answer makes the draft, under the uid of the form."""
    user = cast(User, request.user)
    access_requests.check_may_ask(user)
    asked = {name: [request.GET[name]] for name in ("model", "use_case") if request.GET.get(name)}
    return _form_page(request, AccessRequest(uid=new_uid(), requested_by=user), _form(asked, user))


@require_safe
def edit(request: HttpRequest, uid: UUID) -> HttpResponse:
    """The form as it was left."""
    access = _own(request, uid)
    if access.state not in EDITABLE:
        return redirect(access)
    return _form_page(request, access, _form(access.typed, cast(User, request.user)))


@verb(back="access:request-edit")
def save(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Keep what was typed. htmx gets the verdict, and the rest of the form if other questions apply now."""
    access, typed = _own_or_new(request, uid), _typed(request)
    before, form = access.typed, _form(typed, cast(User, request.user))
    with told(request):
        try:
            _keep(request, access, form, typed)
        except Overtaken:
            return _kept_apart(request, access, form, typed)
    if wants_part(request):
        answer = _form_page(request, access, form, redraw=any(before.get(n) != typed.get(n) for n in STRUCTURE))
        answer["HX-Replace-Url"] = reverse("access:request-edit", args=[uid])
        return answer
    if "continue" in request.POST:
        form.require_first()
        if form.errors:
            return _form_page(request, access, form, status=422)
    return redirect(f"{access.get_absolute_url()}edit/#rest")


@verb(back="access:request-edit")
def submit(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Send the request to those who decide; what is missing or wrong is said beside its field, all of it at once."""
    access, user, typed = _own_or_new(request, uid), cast(User, request.user), _typed(request)
    form = _form(typed, user)
    with shown_on(form):
        try:
            _keep(request, access, form, typed)
        except Overtaken:
            return _kept_apart(request, access, form, typed)
        form.require_everything()
        if form.is_valid():
            access_requests.submit(access, answers=form.answers, by=user)
            return redirect("access:request-detail", uid=access.uid)
    access.refresh_from_db()
    if access.state not in EDITABLE:  # sent twice: the first one counts
        return redirect("access:request-detail", uid=access.uid)
    return _form_page(request, access, form, status=422, everything=True)


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
        "comments": _comments(access),
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


def _own_or_new(request: HttpRequest, uid: UUID) -> AccessRequest:
    """One's own request; the first answer of a form makes its draft."""
    if AccessRequest.objects.filter(uid=uid).exists():
        return _own(request, uid)
    return access_requests.start(uid=uid, by=cast(User, request.user))


def _typed(request: HttpRequest) -> Typed:
    known = AccessRequestForm.base_fields
    return {name: [str(value) for value in values] for name, values in request.POST.lists() if name in known}


def _form(typed: Typed, user: User) -> AccessRequestForm:
    form = AccessRequestForm(MultiValueDict(typed), user=user)
    form.is_valid()
    return form


def _keep(request: HttpRequest, access: AccessRequest, form: AccessRequestForm, typed: Typed) -> None:
    """Raises Overtaken if the form was drawn before something else was saved."""
    answers, seen = form.answers, parse_datetime(request.POST.get("seen", ""))
    access_requests.save_draft(
        access, typed=typed, use_case=answers.use_case, model=answers.model, seen=seen, by=access.requested_by
    )


def _kept_apart(request: HttpRequest, access: AccessRequest, form: AccessRequestForm, typed: Typed) -> HttpResponse:
    """Both stay: what was saved elsewhere where it is, what was sent now as a draft of its own."""
    answers, user = form.answers, cast(User, request.user)
    own = access_requests.start(typed=typed, by=user)
    access_requests.save_draft(own, typed=typed, use_case=answers.use_case, model=answers.model, by=user)
    messages.warning(
        request,
        f"{access.code} was changed elsewhere meanwhile, perhaps in another tab. Nothing is lost: it stays as it was "
        f"saved there, and what you typed here is this draft, {own.code}.",
    )
    address = reverse("access:request-edit", args=[own.uid])
    return HttpResponseClientRedirect(address) if wants_part(request) else redirect(address)


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
        "sent": status is not None,
        "seen": access.saved_at.isoformat() if access.pk else "",
        "waits": waits_for(answers, [name for name in form.errors if form.data.get(name)]),
        "asked": changes_asked(access),
        "comments": _comments(access),
        "drafts": AccessRequest.objects.filter(requested_by=user, state=State.DRAFT).count(),
    }
    return render(request, "hub/access_requests/form.html", context, partial="answer", status=status)


def _comments(access: AccessRequest) -> list[Comment]:
    approval = access_requests.approval_of(access) if access.submitted_at else None
    return list(approval.comments.select_related("author")) if approval else []


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
