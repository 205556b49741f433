"""What the frame keeps: answers to writes that carried a key, and how much each caller may still ask."""

from typing import ClassVar

from django.db import models

from portal.lib import clock


class StoredAnswer(models.Model):
    """The answer to one write, kept in the transaction of its effect, so that a repeated request has it once."""

    caller = models.CharField(max_length=80)
    key = models.CharField(max_length=255)
    route = models.CharField(max_length=400, help_text="method and path")
    digest = models.CharField(max_length=64, help_text="SHA-256 of the body and the If-Match of the request")
    status = models.PositiveSmallIntegerField(default=0)
    headers = models.JSONField(default=dict)
    body = models.TextField(blank=True)
    stored_at = models.DateTimeField(default=clock.wall)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["stored_at"])]
        constraints: ClassVar = [models.UniqueConstraint(fields=["caller", "key"], name="answer_stored_once")]

    def __str__(self) -> str:
        return f"{self.status} to {self.route}"


class Bucket(models.Model):
    """The token bucket of one caller: `level` requests were left at `filled_at`; `granted` is the last verdict."""

    caller = models.CharField(max_length=80, primary_key=True)
    level = models.FloatField()
    filled_at = models.DateTimeField()
    granted = models.BooleanField()

    class Meta:
        indexes: ClassVar = [models.Index(fields=["filled_at"])]

    def __str__(self) -> str:
        return f"{self.caller}: {self.level:.1f}"
