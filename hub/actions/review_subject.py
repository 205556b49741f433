"""How the approval engine sees a model review."""

from typing import Any

from django.urls import reverse

from governance.models import DataClass
from governance.subjects import Subject
from hub.actions import model_reviews
from hub.actions.models import REVIEW_KIND
from hub.models import ModelReview
from hub.regions import GLOBAL, spoken
from portal.lib import digest


def content_digest(review: ModelReview) -> str:
    """SHA-256 over all that is decided on."""
    return digest.sha256(
        {
            "model": review.model.model_id,
            "data_classes": review.data_classes,
            "regions": review.regions,
            "rationale": review.rationale,
            "conditions": review.conditions,
        }
    )


def facts(review: ModelReview) -> dict[str, Any]:
    return {
        "data_class": max(review.data_classes, key=DataClass.values.index),
        "regions": review.regions,
        "global_profile": GLOBAL in review.regions,
        "model_status": review.model.status,
    }


def headline(review: ModelReview) -> str:
    classes = spoken(DataClass(one).label.lower() for one in review.data_classes)
    return f"{review.model.name} for {classes} data"


SUBJECT = Subject(
    kind=REVIEW_KIND,
    model=ModelReview,
    digest=content_digest,
    facts=facts,
    headline=headline,
    url=lambda review: reverse("hub:review-detail", args=[review.uid]),
    tenant=lambda _review: None,
    approved=model_reviews.when_approved,
    rejected=model_reviews.when_rejected,
    changes_requested=model_reviews.when_changes_requested,
    withdrawn=model_reviews.when_withdrawn,
    evidence_url=lambda review: reverse("hub:review-evidence", args=[review.uid]),
)
