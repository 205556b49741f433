"""Model reviews, and the clearances that an approved review gives."""

from datetime import datetime
from typing import TYPE_CHECKING, ClassVar, Self

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from governance.models import DataClass
from governance.roles import Permission
from portal.lib import clock
from portal.lib.identified import Identified

if TYPE_CHECKING:
    from governance.models import User


class ModelReviewQuerySet(models.QuerySet["ModelReview"]):
    def visible_to(self, user: "User") -> Self:
        """Reviews are as open as the models that they are about."""
        from governance.policy import can_somewhere

        return self if can_somewhere(user, Permission.VIEW) else self.none()


class ModelReview(Identified):
    """A proposal to let a model be used with some data classes in some regions."""

    class State(models.TextChoices):
        DRAFT = "draft", "Draft"
        IN_REVIEW = "in_review", "In review"
        CHANGES_REQUESTED = "changes_requested", "Changes requested"
        APPROVED = "approved", "Approved"
        REJECTED = "rejected", "Rejected"
        WITHDRAWN = "withdrawn", "Withdrawn"

    OPEN: ClassVar = (State.DRAFT, State.IN_REVIEW, State.CHANGES_REQUESTED)

    model = models.ForeignKey("hub.FoundationModel", on_delete=models.PROTECT, related_name="reviews")
    requested_by = models.ForeignKey("governance.User", on_delete=models.PROTECT, related_name="model_reviews")
    data_classes = ArrayField(models.CharField(max_length=16, choices=DataClass), default=list)
    regions = ArrayField(models.CharField(max_length=32), default=list)
    rationale = models.TextField()
    conditions = models.TextField(blank=True, help_text="what holds for everybody who uses it")
    state = models.CharField(max_length=20, choices=State, default=State.DRAFT)
    created_at = models.DateTimeField(default=clock.now)
    decided_at = models.DateTimeField(null=True, blank=True)

    objects = ModelReviewQuerySet.as_manager()

    class Meta:
        ordering = ("-created_at", "-id")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["model"],
                condition=Q(state__in=["draft", "in_review", "changes_requested"]),
                name="model_review_open_once_a_model",
            )
        ]

    def __str__(self) -> str:
        return f"Review of {self.model}"


class ClearanceQuerySet(models.QuerySet["Clearance"]):
    def in_force(self, at: datetime) -> Self:
        return self.filter(Q(until__isnull=True) | Q(until__gt=at), since__lte=at)


class Clearance(models.Model):
    """That a model may be used with a data class in some regions, over a period, because a review said so."""

    model = models.ForeignKey("hub.FoundationModel", on_delete=models.PROTECT, related_name="clearances")
    review = models.ForeignKey(ModelReview, on_delete=models.PROTECT, related_name="clearances")
    data_class = models.CharField(max_length=16, choices=DataClass)
    regions = ArrayField(models.CharField(max_length=32))
    conditions = models.TextField(blank=True)
    since = models.DateTimeField(default=clock.now)
    until = models.DateTimeField(null=True, blank=True)

    objects = ClearanceQuerySet.as_manager()

    class Meta:
        ordering = ("model", "id")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["model", "data_class"], condition=Q(until__isnull=True), name="clearance_open_once_a_data_class"
            ),
            models.CheckConstraint(
                condition=Q(until__isnull=True) | Q(until__gte=F("since")), name="clearance_ends_after_it_begins"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.model} for {self.get_data_class_display().lower()} data"
