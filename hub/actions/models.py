"""Changing where a model stands, outside of its reviews."""

from django.db import transaction

from governance import audit, policy
from governance.actions import approvals
from governance.models import User
from governance.roles import Permission
from governance.vocabulary import Verb
from hub.actions.review_ends import end_review
from hub.model_states import move_model, move_review
from hub.models import AccessRequest, Clearance, FoundationModel, ModelReview
from portal.lib import clock
from portal.lib.errors import Refused

S = FoundationModel.Status
REVIEW_KIND = "hub.model_review"
# What a person may decide alone, because it only ever takes something away; the way back is a review.
STOPS = frozenset({S.RESTRICTED, S.DEPRECATED, S.RETIRED, S.BLOCKED})
NO_CLEARANCE = frozenset({S.RETIRED, S.BLOCKED})


def change_status(*, model: FoundationModel, to: str, reason: str, by: User) -> None:
    """Restrict, deprecate, retire or block a model, or lift a block (it is unreviewed then).

    A model that may not be used any more takes the running reviews of requests for it along. Grants that exist are
    not touched: they are frozen or revoked on their own pages.
    """
    policy.check_can(by, Permission.FREEZE_GRANT, what="change the status of a model")
    if to not in STOPS | {S.UNREVIEWED} or (to == S.UNREVIEWED and model.status != S.BLOCKED):
        raise Refused("A model gets there by a review only.", field="to")
    if not reason.strip():
        raise Refused("Say why, in a sentence: everybody who uses the model will read it.", field="reason")
    with transaction.atomic():
        before = model.status
        move_model(model, to)
        if to in NO_CLEARANCE:
            _end_open_review(model)
            _end_reviews_of_requests(model, reason)
            for clearance in model.clearances.filter(until__isnull=True):
                end_clearance(clearance, by=by)
        audit.record(Verb.MODEL_STATUS_CHANGED, model, by=by, before=before, after=to, reason=reason)


def end_clearance(clearance: Clearance, *, by: User | None) -> None:
    """End a clearance now, inside the transaction of what ends it."""
    clearance.until = clock.now()
    clearance.save(update_fields=["until"])
    audit.record(Verb.CLEARANCE_ENDED, clearance.model, by=by, data_class=clearance.data_class)


def _end_open_review(model: FoundationModel) -> None:
    review = model.reviews.filter(state__in=ModelReview.OPEN).first()
    if review is None or approvals.void_for(
        kind=REVIEW_KIND, subject=review, because=f"{model.name} is {model.get_status_display().lower()}."
    ):
        return
    move_review(review, ModelReview.State.WITHDRAWN, decided_at=clock.now())


def _end_reviews_of_requests(model: FoundationModel, reason: str) -> None:
    """Nobody could approve them any more; who asked can choose another model."""
    for request in model.access_requests.filter(state=AccessRequest.State.IN_REVIEW).select_related("requested_by"):
        end_review(request, because=f"{model.name} is {model.get_status_display().lower()} now: {reason.strip()}")
