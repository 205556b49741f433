"""AWS accounts that Atrium reads and provisions in, and what holds in each of their regions."""

from typing import TYPE_CHECKING, ClassVar, Self

from django.contrib.postgres.fields import ArrayField
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q

from governance.roles import Permission
from portal.aws.session import AccountRef
from portal.lib import clock
from portal.lib.identified import Identified

if TYPE_CHECKING:
    from governance.models import User

ACCOUNT_NUMBER = RegexValidator(r"^\d{12}$", "An AWS account number has exactly 12 digits.")


class AwsAccountQuerySet(models.QuerySet["AwsAccount"]):
    def visible_to(self, user: "User") -> Self:
        """Accounts of the tenants that this person may see; a shared account is seen by all who may see any tenant."""
        from governance.policy import can_somewhere, within

        if not can_somewhere(user, Permission.VIEW):
            return self.none()
        return self.filter(within(user, Permission.VIEW, "tenant") | Q(tenant__isnull=True))


class AwsAccount(Identified):
    """An account that trusts Atrium's role with an external id which Atrium made. No key of it is ever stored."""

    class Environment(models.TextChoices):
        PROD = "prod", "Production"
        NONPROD = "nonprod", "Development and test"

    class State(models.TextChoices):
        UNKNOWN = "unknown", "Not tested yet"
        CONNECTED = "connected", "Connected"
        FAILING = "failing", "Failing"

    number = models.CharField(max_length=12, unique=True, validators=[ACCOUNT_NUMBER])
    name = models.CharField(max_length=80)
    environment = models.CharField(max_length=8, choices=Environment, default=Environment.PROD)
    tenant = models.ForeignKey(
        "governance.Tenant", null=True, blank=True, on_delete=models.PROTECT, related_name="aws_accounts"
    )
    role_arn = models.CharField(max_length=200)
    external_id = models.CharField(max_length=64, unique=True)
    home_account = models.CharField(
        max_length=12,
        blank=True,
        help_text="Atrium's own account, which this one trusts; empty: AWS did not tell it yet",
    )
    regions = ArrayField(models.CharField(max_length=32), default=list)
    state = models.CharField(max_length=12, choices=State, default=State.UNKNOWN)
    error = models.TextField(blank=True, help_text="why it is failing, as a sentence")
    checked_at = models.DateTimeField(null=True, blank=True, help_text="when the connection was tested last")
    created_at = models.DateTimeField(default=clock.now)

    objects = AwsAccountQuerySet.as_manager()

    class Meta:
        verbose_name, verbose_name_plural = "AWS account", "AWS accounts"
        ordering = ("name",)
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(number__regex=r"^\d{12}$"), name="aws_account_number_has_12_digits"),
            models.CheckConstraint(condition=~Q(external_id=""), name="aws_account_needs_an_external_id"),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.number})"

    @property
    def ref(self) -> AccountRef:
        """What portal.aws needs to enter the account."""
        return AccountRef(self.number, self.role_arn, self.external_id)


class AccountRegion(models.Model):
    """What was found about one region of an account. Its age is that of the last sync run of its `scope`."""

    account = models.ForeignKey(AwsAccount, on_delete=models.PROTECT, related_name="found_regions")
    region = models.CharField(max_length=32)
    logging_on = models.BooleanField(null=True, help_text="invocation logging to S3; null: not known")
    logging_bucket = models.CharField(max_length=80, blank=True)
    logging_prefix = models.CharField(max_length=200, blank=True)
    error = models.TextField(blank=True, help_text="why the last sync could not read this region, as a sentence")

    class Meta:
        ordering = ("account", "region")
        constraints: ClassVar = [models.UniqueConstraint(fields=["account", "region"], name="account_region_once")]

    def __str__(self) -> str:
        return self.scope

    @property
    def scope(self) -> str:
        """The scope of its sync runs: "447100000212/eu-central-1"."""
        return f"{self.account.number}/{self.region}"
