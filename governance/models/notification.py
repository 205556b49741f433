"""Notifications: what somebody should know, in the app and by e-mail."""

from typing import ClassVar

from django.db import models

from portal.lib import clock


class Notification(models.Model):
    """One sentence for one person, with the page it leads to."""

    class Kind(models.TextChoices):
        STEP_WAITS = "step_waits", "A decision waits on you"
        COMMENT = "comment", "Somebody commented"
        DECIDED = "decided", "A decision was taken"
        ACTIVE = "active", "An access is active"
        STOPPED = "stopped", "An access was stopped or given back"
        FAILED = "failed", "Something failed"
        BUDGET = "budget", "A budget threshold was crossed"
        RISK = "risk", "A risk became higher"
        CREDENTIAL = "credential", "A token or key was made"

    user = models.ForeignKey("governance.User", on_delete=models.PROTECT, related_name="notifications")
    kind = models.CharField(max_length=16, choices=Kind)
    sentence = models.CharField(max_length=300)
    url = models.CharField(max_length=300)
    key = models.CharField(max_length=120, help_text="What it is about; the same news is told once.")
    created_at = models.DateTimeField(default=clock.now)
    read_at = models.DateTimeField(null=True, blank=True)
    mailed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("-created_at", "-id")
        indexes: ClassVar = [models.Index(fields=["user", "read_at"])]
        constraints: ClassVar = [models.UniqueConstraint(fields=["user", "key"], name="notification_told_once")]

    def __str__(self) -> str:
        return self.sentence
