"""What usage cost, by day and by whom: the cube that pages read, rebuilt from the facts a day at a time."""

from typing import TYPE_CHECKING, ClassVar, Self, TypeVar

from django.db import models

from governance.policy import within
from governance.roles import Permission

if TYPE_CHECKING:
    from governance.models import User

Row = TypeVar("Row", bound=models.Model)


class SpendQuerySet(models.QuerySet[Row]):
    def visible_to(self, user: "User") -> Self:
        """Spend of the tenants whose costs this person may see; all of it for company-wide readers."""
        return self.filter(within(user, Permission.VIEW_COSTS, "tenant"))


class Spend(models.Model):
    """Usage and its estimated cost on one UTC day, and whose it is. `cost_nano` is nano-USD.

    An estimate from invocation logs at list price; the bill is another column of another table, never added to this.
    """

    day = models.DateField()
    line_of_business = models.ForeignKey(
        "governance.Tenant", null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    tenant = models.ForeignKey(
        "governance.Tenant", null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    use_case = models.ForeignKey(
        "governance.UseCase", null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    requests = models.BigIntegerField()
    errors = models.BigIntegerField()
    input = models.BigIntegerField()
    output = models.BigIntegerField()
    cache_read = models.BigIntegerField()
    cache_write = models.BigIntegerField()
    cost_nano = models.BigIntegerField()

    class Meta:
        abstract = True


class SpendDay(Spend):
    """The cube: what was spent on one day, for one use case, model and place."""

    class Method(models.TextChoices):
        PROFILE = "profile", "Application inference profile"
        METADATA = "metadata", "Request metadata"
        PRINCIPAL = "principal", "IAM principal"
        ACCOUNT = "account", "Rule on the account"
        NONE = "none", "Unattributed"

    model_id = models.CharField(max_length=2048, help_text="canonical model id, or the reference as logged if unmapped")
    mapped = models.BooleanField(help_text="whether the model is known")
    priced = models.BooleanField(help_text="whether a price is known; if not, the cost is unknown, not zero")
    account = models.CharField(max_length=12)
    region = models.CharField(max_length=32)
    principal = models.CharField(max_length=2048, blank=True, help_text="kept for the unattributed alone")
    method = models.CharField(max_length=16, choices=Method)
    conflict = models.BooleanField(default=False, help_text="the caller's metadata names another use case")

    objects = SpendQuerySet["SpendDay"].as_manager()

    class Meta:
        ordering = ("-day",)
        indexes: ClassVar = [
            models.Index(fields=["day"]),
            models.Index(fields=["use_case", "day"]),
            models.Index(fields=["tenant", "day"]),
        ]

    def __str__(self) -> str:
        return f"{self.day} {self.use_case or 'unattributed'} {self.model_id}"


class OwnerDay(Spend):
    """The cube of one UTC day summed to whose it is: what pages read that ask for no model, account or principal.

    Written in the transaction that writes the day's cube, from the same rows, so the two never disagree; the unpriced
    stay apart.
    """

    priced = models.BooleanField()

    objects = SpendQuerySet["OwnerDay"].as_manager()

    class Meta:
        ordering = ("-day",)
        indexes: ClassVar = [models.Index(fields=["day"]), models.Index(fields=["use_case", "day"])]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["tenant", "day", "use_case", "priced"], nulls_distinct=False, name="owner_day_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.day} {self.use_case or 'unattributed'}"


class CubeDay(models.Model):
    """Whether the cube of a day is up to date: `version` grows with whatever concerns the day, `built` follows it."""

    day = models.DateField(primary_key=True)
    version = models.BigIntegerField(default=1)
    built = models.BigIntegerField(default=0)
    built_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("-day",)

    def __str__(self) -> str:
        return f"{self.day}: {'built' if self.built == self.version else 'to be built'}"
