"""Access requests: somebody asks for one model for one use case. A draft keeps what was typed, readable or not."""

from typing import TYPE_CHECKING, ClassVar, Self

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.urls import reverse

from governance.models import DataClass, UseCase
from governance.roles import Permission
from portal.lib import clock
from portal.lib.identified import Identified

if TYPE_CHECKING:
    from governance.models import User
    from hub.models.plan import Plan

# Numbers begin here, so that no request looks like the first one ever.
FIRST_NUMBER = 2000


class Environment(models.TextChoices):
    """Where the workload runs."""

    DEV = "dev", "Development"
    TEST = "test", "Test"
    PROD = "prod", "Production"


class AccessRequestQuerySet(models.QuerySet["AccessRequest"]):
    def visible_to(self, user: "User") -> Self:
        """One's own requests, and those of tenants that this person may see; what was never sent stays theirs."""
        from governance.policy import within

        others = within(user, Permission.VIEW, "tenant") & Q(submitted_at__isnull=False)
        return self.filter(Q(requested_by=user) | others)


class AccessRequest(Identified):
    """What is asked for. Money: nano-USD a month; tokens: those of one call; `typed`: the form as it was typed."""

    class State(models.TextChoices):
        DRAFT = "draft", "Draft"
        IN_REVIEW = "in_review", "In review"
        CHANGES_REQUESTED = "changes_requested", "Changes requested"
        APPROVED = "approved", "Approved"
        REJECTED = "rejected", "Rejected"
        WITHDRAWN = "withdrawn", "Withdrawn"
        EXPIRED = "expired", "Expired"

    tenant = models.ForeignKey(
        "governance.Tenant", null=True, blank=True, on_delete=models.PROTECT, related_name="access_requests"
    )
    use_case = models.ForeignKey(
        "governance.UseCase", null=True, blank=True, on_delete=models.PROTECT, related_name="access_requests"
    )
    requested_by = models.ForeignKey("governance.User", on_delete=models.PROTECT, related_name="access_requests")
    model = models.ForeignKey(
        "hub.FoundationModel", null=True, blank=True, on_delete=models.PROTECT, related_name="access_requests"
    )
    account = models.ForeignKey(
        "hub.AwsAccount", null=True, blank=True, on_delete=models.PROTECT, related_name="access_requests"
    )
    region = models.CharField(max_length=32, blank=True)
    profile = models.ForeignKey(
        "hub.SystemProfile",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="access_requests",
        help_text="null: the model itself, in its region",
    )
    environment = models.CharField(max_length=8, choices=Environment, blank=True)
    data_class = models.CharField(max_length=16, choices=DataClass, blank=True)
    audience = models.CharField(max_length=16, choices=UseCase.Audience, blank=True)
    guardrail_version = models.ForeignKey(
        "hub.GuardrailVersion", null=True, blank=True, on_delete=models.PROTECT, related_name="access_requests"
    )
    role_arns = ArrayField(models.CharField(max_length=200), default=list, blank=True)
    create_role = models.BooleanField(default=False)
    calls_per_day = models.PositiveIntegerField(default=0)
    input_tokens = models.PositiveIntegerField(default=0)
    output_tokens = models.PositiveIntegerField(default=0)
    cached_share = models.DecimalField(
        "share of the input read from the cache", max_digits=4, decimal_places=3, default=0
    )
    monthly_budget_nano = models.BigIntegerField(default=0)
    why = models.TextField(blank=True)
    months = models.PositiveSmallIntegerField(default=12)
    # As they stood when the request was submitted: later changes of the use case do not rewrite an old request.
    risk = models.CharField(max_length=8, choices=UseCase.Risk, blank=True)
    risk_reasons = ArrayField(models.CharField(max_length=160), default=list, blank=True)
    state = models.CharField(max_length=20, choices=State, default=State.DRAFT)
    typed = models.JSONField(default=dict, blank=True, help_text="form field → the list of values as typed")
    created_at = models.DateTimeField(default=clock.now)
    saved_at = models.DateTimeField(default=clock.now)
    saved_from = models.CharField(max_length=36, blank=True, help_text="the page that saved it last, by its own id")
    submitted_at = models.DateTimeField(null=True, blank=True)

    objects = AccessRequestQuerySet.as_manager()

    class Meta:
        ordering = ("-id",)
        indexes: ClassVar = [
            models.Index(fields=["tenant", "state"]),
            models.Index(fields=["requested_by", "state"]),
        ]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(state="draft")
                | Q(state="withdrawn")
                | Q(
                    tenant__isnull=False,
                    use_case__isnull=False,
                    model__isnull=False,
                    account__isnull=False,
                    submitted_at__isnull=False,
                ),
                name="access_request_is_complete_once_submitted",
            ),
            models.CheckConstraint(
                condition=Q(cached_share__gte=0, cached_share__lte=1), name="access_request_cached_share_is_a_share"
            ),
            models.CheckConstraint(
                condition=Q(monthly_budget_nano__gte=0), name="access_request_budget_is_not_negative"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.headline}"

    def get_absolute_url(self) -> str:
        return reverse("access:request-detail", args=[self.uid])

    @property
    def number(self) -> int:
        """The number by which people speak of it."""
        return FIRST_NUMBER + (self.pk or 0)

    @property
    def code(self) -> str:
        """ "R-2041"."""
        return f"R-{self.number}"

    @property
    def headline(self) -> str:
        """What it is in one line: "Claude Sonnet 4.5 for Call summary"."""
        return f"{self.model or 'A model'} for {self.use_case or 'a use case'}"

    @property
    def plan(self) -> "Plan | None":
        """The newest plan: the one that an open approval is about."""
        return self.plans.order_by("-id").first()
