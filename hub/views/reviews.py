"""Proposing a model for the hub, and the page of a proposal."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from governance import policy
from governance.models import Approval
from governance.roles import Permission
from hub.actions import model_reviews
from hub.actions.models import REVIEW_KIND
from hub.forms import ReviewForm
from hub.models import FoundationModel, ModelReview
from hub.reports import models as report
from hub.views.people import signed_in
from portal.lib.errors import NotAllowed
from portal.lib.refusing import shown_on, told

R = ModelReview.State
FIELDS = ("data_classes", "regions", "rationale", "conditions")


@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Propose a model; the draft can be changed until it is submitted."""
    user = signed_in(request)
    model = get_object_or_404(FoundationModel.objects.visible_to(user), uid=uid)
    if not policy.can_somewhere(user, Permission.PROPOSE_MODEL):
        raise NotAllowed("Your roles do not let you propose models.")
    form = ReviewForm(request.POST or None, model=model)
    if request.method == "POST" and form.is_valid():
        with shown_on(form):
            review = model_reviews.draft(model=model, by=user, **form.cleaned_data)
        if not form.errors:
            return redirect("hub:review-detail", uid=review.uid)
    return _form(request, form, model)


@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Change one's own proposal while nobody decides on it."""
    review = _visible(request, uid)
    if review.requested_by_id != signed_in(request).pk:
        raise NotAllowed("Only who proposed the model can change the proposal.")
    initial = {name: getattr(review, name) for name in FIELDS}
    form = ReviewForm(request.POST or None, model=review.model, initial=initial)
    if request.method == "POST" and form.is_valid():
        with shown_on(form):
            model_reviews.change(review=review, by=signed_in(request), **form.cleaned_data)
        if not form.errors:
            return redirect("hub:review-detail", uid=review.uid)
    return _form(request, form, review.model)


@require_safe
def detail(request: HttpRequest, uid: UUID) -> HttpResponse:
    """What is proposed, why, and how it stands."""
    user, review = signed_in(request), _visible(request, uid)
    own = review.requested_by_id == user.pk
    approvals = Approval.objects.visible_to(user).filter(kind=REVIEW_KIND, subject_id=review.pk).order_by("-pk")
    context = {
        "review": review,
        "model": review.model,
        "status": report.review_status(review),
        "approval": approvals.first(),
        "own": own,
        "may_change": own and review.state in (R.DRAFT, R.CHANGES_REQUESTED),
        "may_withdraw": own and review.state in ModelReview.OPEN,
    }
    return render(request, "hub/reviews/detail.html", context)


@require_safe
def evidence(request: HttpRequest, uid: UUID) -> HttpResponse:
    """What a reviewer needs to decide, as a fragment for the review page."""
    review = _visible(request, uid)
    context = {
        "review": review,
        "model": review.model,
        "status": report.status_of(review.model),
        "reaches": report.reaches(review.model, signed_in(request)),
        "answers": report.answers(review.model),
    }
    return render(request, "hub/reviews/_evidence.html", context)


@require_POST
def submit(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Hand the proposal to those who decide."""
    review = _visible(request, uid)
    with told(request, f"{review.model.name} is in review."):
        model_reviews.submit(review=review, by=signed_in(request))
    return redirect("hub:review-detail", uid=review.uid)


@require_POST
def withdraw(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Take one's own proposal back."""
    review = _visible(request, uid)
    with told(request, "The proposal is withdrawn."):
        model_reviews.withdraw(review=review, by=signed_in(request))
    return redirect("hub:review-detail", uid=review.uid)


def _form(request: HttpRequest, form: ReviewForm, model: FoundationModel) -> HttpResponse:
    status = 422 if form.errors else None
    return render(request, "hub/reviews/form.html", {"form": form, "model": model}, status=status)


def _visible(request: HttpRequest, uid: UUID) -> ModelReview:
    reviews = ModelReview.objects.visible_to(signed_in(request)).select_related("model", "requested_by")
    return get_object_or_404(reviews, uid=uid)
