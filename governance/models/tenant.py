"""Tenants: the accountable units. A line of business is a tenant without a parent; its teams stand below it."""

from typing import TYPE_CHECKING, ClassVar, Self

from django.contrib.postgres.fields import ArrayField
from django.db import models

from governance.roles import Permission
from portal.lib import clock
from portal.lib.identified import Identified
from portal.lib.status import Status, Tone

if TYPE_CHECKING:
    from governance.models.person import User


class DataClass(models.TextChoices):
    """Classes of data, from the least to the most sensitive."""

    PUBLIC = "public", "Public"
    INTERNAL = "internal", "Internal"
    CONFIDENTIAL = "confidential", "Confidential"
    RESTRICTED = "restricted", "Restricted"


class TenantQuerySet(models.QuerySet["Tenant"]):
    def visible_to(self, user: "User") -> Self:
        """Tenants that this person may see."""
        from governance.policy import within

        return self.filter(within(user, Permission.VIEW))

    def lines_of_business(self) -> Self:
        return self.filter(parent__isnull=True)


class Tenant(Identified):
    """An accountable unit, with the data classes and regions that it may use."""

    class State(models.TextChoices):
        ACTIVE = "active", "Active"
        CLOSED = "closed", "Closed"

    parent = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="teams")
    name = models.CharField(max_length=80)
    slug = models.SlugField(max_length=40, unique=True)
    cost_centre = models.CharField(max_length=32)
    data_classes = ArrayField(models.CharField(max_length=16, choices=DataClass), default=list)
    regions = ArrayField(models.CharField(max_length=32), default=list)
    state = models.CharField(max_length=16, choices=State, default=State.ACTIVE)
    created_at = models.DateTimeField(default=clock.now)

    objects = TenantQuerySet.as_manager()

    class Meta:
        ordering = ("name",)
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["parent", "name"], nulls_distinct=False, name="tenant_name_once_a_level")
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def line_of_business(self) -> "Tenant":
        """The top of the tree that this tenant belongs to."""
        return self.parent or self


class OnboardingQuerySet(models.QuerySet["Onboarding"]):
    def visible_to(self, user: "User") -> Self:
        """Onboardings that this person asked for, and those of the tenants (or company) that they may see."""
        from governance.policy import within

        return self.filter(within(user, Permission.VIEW, "parent") | models.Q(requested_by=user))


class Onboarding(Identified):
    """A request to take in a new tenant; what it asks for is put in place when it is approved."""

    class State(models.TextChoices):
        DRAFT = "draft", "Draft"
        IN_REVIEW = "in_review", "In review"
        DONE = "done", "Done"
        REJECTED = "rejected", "Rejected"
        WITHDRAWN = "withdrawn", "Withdrawn"

    requested_by = models.ForeignKey("governance.User", on_delete=models.PROTECT, related_name="onboardings")
    parent = models.ForeignKey(Tenant, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=80)
    cost_centre = models.CharField(max_length=32)
    purpose = models.TextField()
    data_classes = ArrayField(models.CharField(max_length=16, choices=DataClass), default=list)
    regions = ArrayField(models.CharField(max_length=32), default=list)
    monthly_budget_nano = models.BigIntegerField(default=0)
    owner_email = models.EmailField()
    builder_emails = ArrayField(models.EmailField(), default=list, blank=True)
    state = models.CharField(max_length=16, choices=State, default=State.DRAFT)
    tenant = models.OneToOneField(Tenant, null=True, blank=True, on_delete=models.PROTECT, related_name="onboarding")
    created_at = models.DateTimeField(default=clock.now)

    objects = OnboardingQuerySet.as_manager()

    class Meta:
        ordering = ("-created_at",)

    def __str__(self) -> str:
        return f"Onboarding of {self.name}"

    @property
    def status(self) -> Status:
        """Where it stands, for a badge."""
        return Status(self.state, self.get_state_display().lower(), _TONES[self.State(self.state)])


_TONES = {
    Onboarding.State.DRAFT: Tone.IDLE,
    Onboarding.State.IN_REVIEW: Tone.ATTENTION,
    Onboarding.State.DONE: Tone.OK,
    Onboarding.State.REJECTED: Tone.DANGER,
    Onboarding.State.WITHDRAWN: Tone.IDLE,
}
