"""Guardrails of the connected accounts, with a snapshot of each version's content."""

from typing import TYPE_CHECKING, ClassVar, Self

from django.db import models

from portal.lib import clock
from portal.lib.identified import Identified

if TYPE_CHECKING:
    from governance.models import User

DRAFT = "DRAFT"


class GuardrailQuerySet(models.QuerySet["Guardrail"]):
    def visible_to(self, user: "User") -> Self:
        """Guardrails of the accounts that this person may see."""
        from hub.models.account import AwsAccount

        return self.filter(account__in=AwsAccount.objects.visible_to(user))


class Guardrail(Identified):
    """A guardrail that exists in AWS; it is read there, not made here."""

    account = models.ForeignKey("hub.AwsAccount", on_delete=models.PROTECT, related_name="guardrails")
    region = models.CharField(max_length=32)
    guardrail_id = models.CharField(max_length=64)
    arn = models.CharField(max_length=240)
    name = models.CharField(max_length=80)
    description = models.CharField(max_length=240, blank=True)
    first_seen_at = models.DateTimeField(default=clock.now)
    vanished_at = models.DateTimeField(null=True, blank=True)

    objects = GuardrailQuerySet.as_manager()

    class Meta:
        ordering = ("name", "account", "region")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["account", "region", "guardrail_id"], name="guardrail_once")
        ]

    def __str__(self) -> str:
        return self.name


class GuardrailVersion(models.Model):
    """The content of one version. A numbered version never changes in AWS; DRAFT is the one that does."""

    guardrail = models.ForeignKey(Guardrail, on_delete=models.PROTECT, related_name="versions")
    version = models.CharField(max_length=16)
    status = models.CharField(max_length=24)
    content = models.JSONField(help_text="the policies as GetGuardrail gives them, names and messages included")
    digest = models.CharField(max_length=64)
    first_seen_at = models.DateTimeField(default=clock.now)

    class Meta:
        ordering = ("guardrail", "id")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["guardrail", "version"], name="guardrail_version_once")
        ]

    def __str__(self) -> str:
        return f"{self.guardrail.name} v{self.version}" if self.version != DRAFT else f"{self.guardrail.name} draft"
