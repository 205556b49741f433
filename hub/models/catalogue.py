"""The catalogue: models, where they are offered, and the inference profiles that AWS defines over them.

Rows say what is; that a sync saw them again is said by its run, so a sync that finds nothing new writes nothing.
"""

from typing import TYPE_CHECKING, ClassVar, Self

from django.contrib.postgres.fields import ArrayField
from django.db import models

from governance.roles import Permission
from portal.lib import clock
from portal.lib.identified import Identified

if TYPE_CHECKING:
    from governance.models import User


class FoundationModelQuerySet(models.QuerySet["FoundationModel"]):
    def visible_to(self, user: "User") -> Self:
        """The model hub is open to everybody who may see any tenant."""
        from governance.policy import can_somewhere

        return self if can_somewhere(user, Permission.VIEW) else self.none()


class FoundationModel(Identified):
    """A model of the catalogue and where it stands in the hub."""

    class Status(models.TextChoices):
        UNREVIEWED = "unreviewed", "Unreviewed"
        IN_REVIEW = "in_review", "In review"
        APPROVED = "approved", "Approved"
        RESTRICTED = "restricted", "Restricted"
        DEPRECATED = "deprecated", "Deprecated"
        RETIRED = "retired", "Retired"
        BLOCKED = "blocked", "Blocked"

    model_id = models.CharField(max_length=140, unique=True, help_text="as AWS spells it, without a profile's prefix")
    provider = models.CharField(max_length=60)
    name = models.CharField(max_length=120)
    input_modalities = ArrayField(models.CharField(max_length=16), default=list)
    output_modalities = ArrayField(models.CharField(max_length=16), default=list)
    streaming = models.BooleanField(default=False)
    # AWS's word, kept as it came: ACTIVE or LEGACY today.
    lifecycle = models.CharField(max_length=24, default="ACTIVE")
    starts_at = models.DateTimeField(null=True, blank=True)
    legacy_at = models.DateTimeField(null=True, blank=True)
    end_of_life_at = models.DateTimeField(null=True, blank=True)
    status = models.CharField(max_length=12, choices=Status, default=Status.UNREVIEWED)
    context_window = models.PositiveIntegerField(null=True, blank=True, help_text="tokens")
    max_output = models.PositiveIntegerField(null=True, blank=True, help_text="tokens")
    first_seen_at = models.DateTimeField(default=clock.now)
    vanished_at = models.DateTimeField(null=True, blank=True, help_text="when no account offered it any more")

    objects = FoundationModelQuerySet.as_manager()

    class Meta:
        ordering = ("provider", "name", "model_id")
        indexes: ClassVar = [models.Index(fields=["status"]), models.Index(fields=["provider"])]

    def __str__(self) -> str:
        return self.name


class ModelOffer(models.Model):
    """That an account can reach a model in a region. Availability words are AWS's own, kept as they came."""

    model = models.ForeignKey(FoundationModel, on_delete=models.PROTECT, related_name="offers")
    account = models.ForeignKey("hub.AwsAccount", on_delete=models.PROTECT, related_name="offers")
    region = models.CharField(max_length=32)
    arn = models.CharField(max_length=220)
    inference_types = ArrayField(models.CharField(max_length=32), default=list)
    agreement = models.CharField(max_length=24, blank=True)
    authorization = models.CharField(max_length=24, blank=True)
    entitlement = models.CharField(max_length=24, blank=True)
    region_availability = models.CharField(max_length=24, blank=True)
    # Regions retire a model at different times; the model's own dates are the earliest of its offers.
    lifecycle = models.CharField(max_length=24, default="ACTIVE")
    legacy_at = models.DateTimeField(null=True, blank=True)
    end_of_life_at = models.DateTimeField(null=True, blank=True)
    first_seen_at = models.DateTimeField(default=clock.now)
    vanished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("model", "account", "region")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["account", "region", "model"], name="model_offer_once")
        ]

    def __str__(self) -> str:
        return f"{self.model} in {self.account.number}/{self.region}"

    @property
    def available(self) -> bool:
        """Whether a call can work: agreed to, authorised, entitled and in the region. Unknown is not available."""
        return (
            self.vanished_at is None
            and self.agreement == "AVAILABLE"
            and self.authorization == "AUTHORIZED"
            and self.entitlement == "AVAILABLE"
            and self.region_availability == "AVAILABLE"
        )


class SystemProfile(models.Model):
    """An inference profile that AWS defines: calls enter in `region` and may be served in any destination region."""

    class Scope(models.TextChoices):
        GEO = "geo", "Geography"
        GLOBAL = "global", "Global"

    account = models.ForeignKey("hub.AwsAccount", on_delete=models.PROTECT, related_name="system_profiles")
    region = models.CharField(max_length=32, help_text="where calls enter")
    profile_id = models.CharField(max_length=160, help_text="eu.anthropic.claude-…")
    arn = models.CharField(max_length=240)
    name = models.CharField(max_length=120)
    # null while the catalogue has no such model in this region's list; the sync links it when it appears.
    model = models.ForeignKey(
        FoundationModel, null=True, blank=True, on_delete=models.PROTECT, related_name="system_profiles"
    )
    scope = models.CharField(max_length=8, choices=Scope)
    destination_regions = ArrayField(models.CharField(max_length=32), default=list)
    first_seen_at = models.DateTimeField(default=clock.now)
    vanished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("account", "region", "profile_id")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["account", "region", "profile_id"], name="system_profile_once")
        ]

    def __str__(self) -> str:
        return self.profile_id
