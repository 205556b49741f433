"""Plans: what an access request would change in AWS, as typed artefacts with a digest."""

from typing import ClassVar

from django.db import models

from portal.lib import clock
from portal.lib.identified import Identified


class Plan(Identified):
    """`artefacts` as hub.plans.compile makes them; `digest` is the SHA-256 of their canonical JSON. Never changed."""

    request = models.ForeignKey("hub.AccessRequest", on_delete=models.PROTECT, related_name="plans")
    artefacts = models.JSONField()
    digest = models.CharField(max_length=64)
    computed_at = models.DateTimeField(default=clock.now)

    class Meta:
        ordering = ("-id",)
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["request", "digest"], name="plan_once_a_request_and_content")
        ]

    def __str__(self) -> str:
        return f"Plan {self.short_digest}"

    @property
    def short_digest(self) -> str:
        """For reading: "7c41…9e2"."""
        return f"{self.digest[:4]}…{self.digest[-3:]}"
