"""Routing policies: versioned data that says who decides."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from portal.lib import clock
from portal.lib.errors import Refused


class RoutingPolicyQuerySet(models.QuerySet["RoutingPolicy"]):
    def in_force(self) -> "RoutingPolicy":
        """The newest version whose time has come. Raises Refused if there is none."""
        policy = self.filter(active_from__lte=clock.now()).first()
        if policy is None:
            raise Refused("No routing policy is active, so nobody can decide. Run `manage.py bootstrap` once.")
        return policy


class RoutingPolicy(models.Model):
    """One version of the rules. `rules` is a list of
    {"name", "because", "when": <CEL over the declared facts>, "steps": [{"role", "quorum", "stage", "due_hours"}]}:
    every rule that holds adds its steps; stages run one after the other, steps of a stage side by side.
    """

    version = models.PositiveIntegerField(unique=True)
    rules = models.JSONField()
    digest = models.CharField(max_length=64)
    proposed_by = models.ForeignKey("governance.User", on_delete=models.PROTECT, related_name="+")
    approved_by = models.ForeignKey("governance.User", on_delete=models.PROTECT, related_name="+")
    active_from = models.DateTimeField(default=clock.now)

    objects = RoutingPolicyQuerySet.as_manager()

    class Meta:
        ordering = ("-version",)
        verbose_name_plural = "routing policies"
        constraints: ClassVar = [
            models.CheckConstraint(condition=~Q(proposed_by=models.F("approved_by")), name="routing_policy_four_eyes")
        ]

    def __str__(self) -> str:
        return f"Routing policy {self.version}"
