"""Whose usage it is: handles by which a request is recognised, each over a period."""

from typing import TYPE_CHECKING, ClassVar, Self

import pgtrigger
from django.db import models
from django.db.models import F, Q

from governance.policy import within
from governance.roles import Permission
from portal.lib import clock
from portal.lib.identified import Identified

if TYPE_CHECKING:
    from governance.models import User


class UsageHandleQuerySet(models.QuerySet["UsageHandle"]):
    def visible_to(self, user: "User") -> Self:
        """Handles of use cases in tenants whose costs this person may see."""
        return self.filter(within(user, Permission.VIEW_COSTS, "use_case__tenant"))

    def of_people(self) -> Self:
        """Those in force that people made, which they may correct."""
        return self.filter(until=None, grant=None, made_by__isnull=False)


class UsageHandle(Identified):
    """From `since` until `until`, usage that carries `value` belongs to `use_case`.

    A grant makes that of its profile, which nobody else ever carries; FinOps makes the others from the queue of the
    unattributed.
    """

    class Kind(models.TextChoices):
        PROFILE = "profile", "Application inference profile"
        PRINCIPAL = "principal", "IAM principal"
        ACCOUNT = "account", "Whole account"

    kind = models.CharField(max_length=16, choices=Kind)
    value = models.CharField(max_length=2048, help_text="ARN of the profile, ARN of the principal, or account number")
    use_case = models.ForeignKey("governance.UseCase", on_delete=models.PROTECT, related_name="usage_handles")
    grant = models.ForeignKey(
        "hub.Grant", null=True, blank=True, on_delete=models.PROTECT, related_name="usage_handles"
    )
    since = models.DateTimeField()
    until = models.DateTimeField(null=True, blank=True)
    made_by = models.ForeignKey("governance.User", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField(default=clock.now)

    objects = UsageHandleQuerySet.as_manager()

    class Meta:
        ordering = ("kind", "value", "since")
        indexes: ClassVar = [models.Index(fields=["kind", "value"])]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(until__isnull=True) | Q(until__gt=F("since")), name="usage_handle_has_a_period"
            )
        ]
        triggers: ClassVar = [
            pgtrigger.Trigger(
                name="usage_handle_never_overlaps",
                operation=pgtrigger.Insert | pgtrigger.Update,
                when=pgtrigger.Before,
                # The exclusion constraint that this would be needs an extension which managed servers may lack.
                func="""
                    PERFORM pg_advisory_xact_lock(hashtextextended(NEW.kind || NEW.value, 0));
                    IF EXISTS (
                        SELECT 1 FROM finops_usagehandle h
                        WHERE h.kind = NEW.kind AND h.value = NEW.value AND h.id <> NEW.id
                          AND h.since < COALESCE(NEW.until, 'infinity') AND NEW.since < COALESCE(h.until, 'infinity')
                    ) THEN
                        RAISE EXCEPTION 'usage_handle_never_overlaps' USING ERRCODE = 'exclusion_violation';
                    END IF;
                    RETURN NEW;
                """,
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.value}"
