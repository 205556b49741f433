"""Proposing a model for the hub, and what follows from the decision."""

from collections.abc import Sequence

from django.db import IntegrityError, transaction

from governance import audit, policy
from governance.actions import approvals
from governance.models import Approval, DataClass, User
from governance.roles import Permission
from governance.vocabulary import Verb
from hub.actions.models import REVIEW_KIND, end_clearance
from hub.model_states import move_model, move_review
from hub.models import Clearance, FoundationModel, ModelReview
from portal.lib import clock
from portal.lib.errors import NotAllowed, Refused

S = FoundationModel.Status
R = ModelReview.State
NOT_PROPOSABLE = frozenset({S.RETIRED, S.BLOCKED})


def draft(
    *,
    model: FoundationModel,
    data_classes: Sequence[str],
    regions: Sequence[str],
    rationale: str,
    conditions: str = "",
    by: User,
) -> ModelReview:
    """Write a proposal that nobody decides on yet. One is open for a model at a time."""
    if not policy.can_somewhere(by, Permission.PROPOSE_MODEL):
        raise NotAllowed("Your roles do not let you propose models.")
    if model.status in NOT_PROPOSABLE:
        raise Refused(f"{model.name} is {model.get_status_display().lower()}; it cannot be proposed.")
    review = ModelReview(model=model, requested_by=by)
    _fill(review, data_classes, regions, rationale, conditions)
    try:
        with transaction.atomic():
            review.save(force_insert=True)
            audit.record(Verb.MODEL_REVIEW_DRAFTED, review, by=by, model_id=model.model_id)
    except IntegrityError as error:
        raise Refused(f"A review of {model.name} is open already.") from error
    return review


def change(
    *,
    review: ModelReview,
    data_classes: Sequence[str],
    regions: Sequence[str],
    rationale: str,
    conditions: str = "",
    by: User,
) -> ModelReview:
    """Change one's own proposal while nobody decides on it: as a draft, or after changes were asked for."""
    _check_own(review, by)
    if review.state not in (R.DRAFT, R.CHANGES_REQUESTED):
        raise Refused(f"{review} is {review.get_state_display().lower()}; it cannot be changed now.")
    _fill(review, data_classes, regions, rationale, conditions)
    with transaction.atomic():
        written = ("data_classes", "regions", "rationale", "conditions")
        # Only as it was read: a proposal that was submitted meanwhile stays what is decided on.
        same = ModelReview.objects.filter(pk=review.pk, state=review.state)
        if same.update(**{name: getattr(review, name) for name in written}) != 1:
            raise Refused("Somebody moved the proposal at the same moment. Look again.")
        audit.record(Verb.MODEL_REVIEW_DRAFTED, review, by=by, model_id=review.model.model_id)
    return review


def submit(*, review: ModelReview, by: User) -> Approval:
    """Hand the proposal to those who decide; again, if changes were asked for."""
    _check_own(review, by)
    with transaction.atomic():
        again = review.state == R.CHANGES_REQUESTED
        move_review(review, R.IN_REVIEW)
        if review.model.status == S.UNREVIEWED:
            move_model(review.model, S.IN_REVIEW)
        if again:
            return approvals.resubmit(approval_of(review), by=by)
        return approvals.open(kind=REVIEW_KIND, subject=review, by=by)


def withdraw(*, review: ModelReview, by: User) -> None:
    """Take one's own proposal back, as long as it is not decided."""
    _check_own(review, by)
    with transaction.atomic():
        if review.state == R.DRAFT:
            move_review(review, R.WITHDRAWN, decided_at=clock.now())
            audit.record(Verb.MODEL_REVIEW_WITHDRAWN, review, by=by, model_id=review.model.model_id)
        else:
            approvals.withdraw(approval_of(review), by=by)
    review.refresh_from_db()


def approval_of(review: ModelReview) -> Approval:
    """The newest approval of a review. Raises Refused if it was never submitted."""
    approval = Approval.objects.filter(kind=REVIEW_KIND, subject_id=review.pk).order_by("-pk").first()
    if approval is None:
        raise Refused(f"{review} was never submitted.")
    return approval


def when_approved(review: ModelReview, approval: Approval) -> None:
    """Clear the model for what was proposed; a clearance of the same data class ends."""
    move_review(review, R.APPROVED, decided_at=clock.now())
    for former in review.model.clearances.filter(until__isnull=True, data_class__in=review.data_classes):
        end_clearance(former, by=None)
    for data_class in review.data_classes:
        Clearance.objects.create(
            model=review.model,
            review=review,
            data_class=data_class,
            regions=review.regions,
            conditions=review.conditions,
        )
        audit.record(
            Verb.CLEARANCE_GIVEN, review.model, by=None, data_class=data_class, regions=review.regions,
            approval=str(approval.uid),
        )  # fmt: skip
    if review.model.status != S.APPROVED:
        _set_status(review.model, S.APPROVED, approval)


def when_rejected(review: ModelReview, approval: Approval) -> None:
    move_review(review, R.REJECTED, decided_at=clock.now())
    _back_to_unreviewed(review.model, approval)


def when_changes_requested(review: ModelReview, approval: Approval) -> None:
    move_review(review, R.CHANGES_REQUESTED)


def when_withdrawn(review: ModelReview, approval: Approval) -> None:
    """It ended without a decision: withdrawn, expired, void. Blocking a model may have ended the review before."""
    if review.state != R.WITHDRAWN:
        move_review(review, R.WITHDRAWN, decided_at=clock.now())
    _back_to_unreviewed(review.model, approval)


def _back_to_unreviewed(model: FoundationModel, approval: Approval) -> None:
    if model.status == S.IN_REVIEW:
        _set_status(model, S.UNREVIEWED, approval)


def _set_status(model: FoundationModel, to: str, approval: Approval) -> None:
    before = model.status
    move_model(model, to)
    audit.record(Verb.MODEL_STATUS_CHANGED, model, by=None, before=before, after=to, approval=str(approval.uid))


def _check_own(review: ModelReview, by: User) -> None:
    if review.requested_by_id != by.pk:
        raise NotAllowed("Only who proposed the model can do this.")


def _fill(
    review: ModelReview, data_classes: Sequence[str], regions: Sequence[str], rationale: str, conditions: str
) -> None:
    if not data_classes:
        raise Refused("Choose at least one class of data.", field="data_classes")
    if not regions:
        raise Refused("Choose at least one region.", field="regions")
    review.data_classes = [one for one in DataClass.values if one in data_classes]
    review.regions = sorted(set(regions))
    review.rationale, review.conditions = rationale.strip(), conditions.strip()
