"""The reviewer's inbox and the review page."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_safe

from governance import subjects
from governance.actions import approvals
from governance.forms import CommentForm, DecisionForm, InboxForm
from governance.models import Approval, PersonRequest
from governance.reports import precedents, reviews, routes
from governance.views.entrance import area
from portal.lib.errors import NotAllowed
from portal.lib.htmx import render
from portal.lib.refusing import shown_on, told
from portal.lib.verbs import verb


@require_safe
def index(request: PersonRequest) -> HttpResponse:
    """The inbox: what waits for me first."""
    form = InboxForm(request.GET, kinds=reviews.kinds_seen_by(request.user))
    chosen = form.cleaned_data if form.is_valid() else {}
    show = chosen.get("show") or "mine"
    page = reviews.inbox(request.user, show=show, kind=chosen.get("kind", ""), number=request.GET.get("page", 1))
    context = {
        "form": InboxForm(initial={"show": show, **chosen}, kinds=form.kinds),
        "show": show,
        "title": reviews.SHOWS[show],
        "page": page,
        "rows": reviews.rows(page, request.user),
        **area(request.user),
    }
    return render(request, "governance/reviews/list.html", context, partial="rows")


@require_safe
def detail(request: PersonRequest, uid: UUID) -> HttpResponse:
    """Left: the evidence; right: who decides; below: the decision."""
    approval = _load(request, uid)
    return render(request, "governance/reviews/detail.html", _context(request, approval))


@verb(back="governance:review-detail")
def decide(request: PersonRequest, uid: UUID) -> HttpResponse:
    """Give a verdict on one step."""
    approval = _load(request, uid)
    form = DecisionForm(request.POST, approval=approval)
    if not form.is_valid():
        _check_decides(request, approval)
    else:
        given = form.cleaned_data
        with shown_on(form):
            decided = approvals.decide(given["step"], given["verdict"], given["reason"], by=request.user)
            messages.success(request, f"You decided. {decided} {_stands(decided)}.")
    if form.errors:
        return render(request, "governance/reviews/detail.html", _context(request, _load(request, uid), decision=form))
    return redirect("governance:review-detail", uid=uid)


@verb(back="governance:review-detail")
def comment(request: PersonRequest, uid: UUID) -> HttpResponse:
    """Remark on it."""
    approval = _load(request, uid)
    form = CommentForm(request.POST)
    if form.is_valid():
        with shown_on(form):
            approvals.comment(approval, form.cleaned_data["text"], by=request.user)
    if form.errors:
        return render(request, "governance/reviews/detail.html", _context(request, approval, comment=form))
    return redirect("governance:review-detail", uid=uid)


@verb(back="governance:review-detail")
def withdraw(request: PersonRequest, uid: UUID) -> HttpResponse:
    """Take back one's own request."""
    approval = _load(request, uid)
    with told(request, f"You withdrew {approval}."):
        approvals.withdraw(approval, by=request.user)
    return redirect("governance:review-detail", uid=uid)


def _check_decides(request: PersonRequest, approval: Approval) -> None:
    """Who decides nothing here is told so, whatever they sent; the action asks again about the step that is named."""
    stand = reviews.stand_of(request.user, approval)
    if stand.step is None and approval.state == Approval.State.IN_REVIEW:
        raise NotAllowed(stand.why)


def _stands(approval: Approval) -> str:
    """Where it stands after a decision, as it goes on after its name."""
    if approval.state == Approval.State.CHANGES_REQUESTED:
        return f"now waits for changes by {approval.requested_by}"
    return f"is now {approval.status}"


def _load(request: PersonRequest, uid: UUID) -> Approval:
    visible = Approval.objects.visible_to(request.user)
    related = visible.select_related("tenant__parent", "requested_by", "policy").prefetch_related("steps")
    return get_object_or_404(related, uid=uid)


def _context(
    request: PersonRequest,
    approval: Approval,
    *,
    decision: DecisionForm | None = None,
    comment: CommentForm | None = None,
) -> dict[str, Any]:
    user = request.user
    subject = subjects.of_kind(approval.kind)
    thing = subject.load(approval.subject_id)
    explanation = routes.explain(approval, user)
    return {
        "approval": approval,
        "route": [*explanation.steps, *reviews.afterwards(approval)],
        "subject": subject,
        "subject_url": subject.url(thing),
        "evidence_url": subject.evidence_url(thing),
        "explanation": explanation,
        "facts": reviews.fact_pairs(approval.facts),
        "stand": reviews.stand_of(user, approval),
        "precedents": precedents.of(approval, user),
        "comments": approval.comments.select_related("author"),
        "earlier": reviews.earlier_rounds(approval),
        "may_comment": reviews.may_comment(user, approval),
        "may_withdraw": approval.is_open and approval.requested_by_id == user.pk,
        "decision": decision or DecisionForm(approval=approval),
        "comment": comment or CommentForm(),
    }
