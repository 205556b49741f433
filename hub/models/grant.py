"""Grants: approved access with an end date, what exists of it in AWS, and what its probes proved."""

from typing import TYPE_CHECKING, ClassVar, Self

from django.db import models
from django.db.models import Q
from django.urls import reverse

from governance.roles import Permission
from hub.models.access_request import Environment
from portal.lib import clock
from portal.lib.identified import Identified

if TYPE_CHECKING:
    from governance.models import User


class GrantQuerySet(models.QuerySet["Grant"]):
    def visible_to(self, user: "User") -> Self:
        """Grants of the tenants that this person may see."""
        from governance.policy import within

        return self.filter(within(user, Permission.VIEW, "tenant"))

    def live(self) -> Self:
        """Grants that have, or are about to have, something in AWS."""
        return self.exclude(state__in=Grant.ENDED)


class Grant(Identified):
    """One approved access. `wanted` is what people decided, `state` how far AWS is; the reconciler closes the gap."""

    class State(models.TextChoices):
        APPROVED = "approved", "Approved"
        PROVISIONING = "provisioning", "Provisioning"
        VERIFYING = "verifying", "Verifying"
        ACTIVE = "active", "Active"
        FROZEN = "frozen", "Frozen"
        REVOKING = "revoking", "Revoking"
        REVOKED = "revoked", "Revoked"
        EXPIRED = "expired", "Expired"
        PROVISIONING_FAILED = "provisioning_failed", "Provisioning failed"
        APPLIED_UNVERIFIED = "applied_unverified", "Applied, not verified"

    class Wanted(models.TextChoices):
        ACCESS = "access", "Access"
        DENIAL = "denial", "An explicit deny"
        NOTHING = "nothing", "Nothing left"

    ENDED: ClassVar = (State.REVOKED, State.EXPIRED)

    request = models.OneToOneField("hub.AccessRequest", on_delete=models.PROTECT, related_name="grant")
    plan = models.ForeignKey("hub.Plan", on_delete=models.PROTECT, related_name="grants")
    approved_digest = models.CharField(max_length=64, help_text="digest of the content that was approved")
    tenant = models.ForeignKey("governance.Tenant", on_delete=models.PROTECT, related_name="grants")
    use_case = models.ForeignKey("governance.UseCase", on_delete=models.PROTECT, related_name="grants")
    model = models.ForeignKey("hub.FoundationModel", on_delete=models.PROTECT, related_name="grants")
    account = models.ForeignKey("hub.AwsAccount", on_delete=models.PROTECT, related_name="grants")
    region = models.CharField(max_length=32)
    environment = models.CharField(max_length=8, choices=Environment)
    slug = models.CharField(max_length=64, unique=True)
    state = models.CharField(max_length=20, choices=State, default=State.APPROVED)
    wanted = models.CharField(max_length=8, choices=Wanted, default=Wanted.ACCESS)
    reason = models.TextField(blank=True, help_text="why it was frozen or revoked last")
    error = models.TextField(blank=True, help_text="why the last attempt stopped, as a sentence")
    profile_arn = models.CharField(max_length=240, blank=True, db_index=True)
    created_at = models.DateTimeField(default=clock.now)
    applied_at = models.DateTimeField(null=True, blank=True)
    activated_at = models.DateTimeField(null=True, blank=True)
    # The profile belongs to the use case from `since` until `until`: attribution reads these two.
    since = models.DateTimeField(null=True, blank=True)
    until = models.DateTimeField(null=True, blank=True)
    ends_at = models.DateTimeField()

    objects = GrantQuerySet.as_manager()

    class Meta:
        ordering = ("-id",)
        indexes: ClassVar = [
            models.Index(fields=["tenant", "state"]),
            models.Index(fields=["use_case", "state"]),
            models.Index(fields=["state", "ends_at"]),
        ]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=~Q(state__in=["revoked", "expired"]) | Q(wanted="nothing"),
                name="grant_that_ended_wants_nothing",
            ),
            models.CheckConstraint(
                condition=~Q(state="active") | Q(activated_at__isnull=False), name="grant_active_has_its_moment"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.model} for {self.use_case}"

    def get_absolute_url(self) -> str:
        return reverse("access:grant-detail", args=[self.uid])

    @property
    def has_ended(self) -> bool:
        return self.state in self.ENDED


class Artefact(models.Model):
    """One thing of a grant in AWS: what it should be, what was found, and what went wrong."""

    class State(models.TextChoices):
        PLANNED = "planned", "Planned"
        PRESENT = "present", "In place"
        FAILED = "failed", "Failed"
        ABSENT = "absent", "Removed"

    class Drift(models.TextChoices):
        IN_SYNC = "in_sync", "In sync"
        DRIFTED = "drifted", "Drifted"
        UNKNOWN = "unknown", "Unknown"
        NOT_CHECKED = "not_checked", "Not checked"

    grant = models.ForeignKey(Grant, on_delete=models.PROTECT, related_name="artefacts")
    position = models.PositiveSmallIntegerField()
    key = models.CharField(max_length=120, help_text="kind and what tells two of a kind apart")
    kind = models.CharField(max_length=32)
    name = models.CharField(max_length=160)
    arn = models.CharField(max_length=240, blank=True)
    desired = models.JSONField()
    actual = models.JSONField(null=True, blank=True)
    state = models.CharField(max_length=8, choices=State, default=State.PLANNED)
    error = models.TextField(blank=True)
    unrecorded = models.CharField(
        max_length=8,
        blank=True,
        default="",
        db_default="",
        help_text="what was begun in AWS and has no event of its own yet: created, updated",
    )
    drift = models.CharField(max_length=12, choices=Drift, default=Drift.NOT_CHECKED)
    applied_at = models.DateTimeField(null=True, blank=True)
    observed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("grant", "position")
        constraints: ClassVar = [models.UniqueConstraint(fields=["grant", "key"], name="artefact_once_a_grant")]

    def __str__(self) -> str:
        return f"{self.kind} {self.name}"


class Probe(models.Model):
    """One call that was made to prove the grant: under which role, what had to happen, what did."""

    class Kind(models.TextChoices):
        MUST_WORK = "must_work", "Must work"
        MUST_BE_REFUSED = "must_be_refused", "Must be refused"

    grant = models.ForeignKey(Grant, on_delete=models.PROTECT, related_name="probes")
    kind = models.CharField(max_length=16, choices=Kind)
    role_arn = models.CharField(max_length=200)
    ok = models.BooleanField()
    detail = models.TextField()
    ran_at = models.DateTimeField(default=clock.now)

    class Meta:
        ordering = ("-id",)
        indexes: ClassVar = [models.Index(fields=["grant", "-id"])]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {'proved' if self.ok else 'not proved'}"
