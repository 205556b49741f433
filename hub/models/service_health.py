"""How AWS answers: a row for each service of each account that was ever called, kept by every process that calls."""

from typing import ClassVar

from django.db import models


class ServiceHealth(models.Model):
    """One service in one account. The breakers themselves live in each process; this is what the last of them told."""

    class State(models.TextChoices):
        CLOSED = "closed", "answers"
        PROBING = "probing", "is tried again"
        OPEN = "open", "left alone"

    account_number = models.CharField(max_length=12, blank=True, help_text='"" for Atrium\'s own identity')
    service = models.CharField(max_length=32)
    state = models.CharField(max_length=8, choices=State, default=State.CLOSED)
    since = models.DateTimeField(help_text="when it came to this state")
    called_at = models.DateTimeField(help_text="when a process last told of calls")
    error = models.TextField(blank=True, help_text="what was said when a call failed last")
    error_at = models.DateTimeField(null=True, blank=True)
    calls = models.BigIntegerField(default=0)
    failures = models.BigIntegerField(default=0, help_text="calls that failed in spite of their retries")
    throttled = models.BigIntegerField(default=0, help_text="those of the failures that were throttled")

    class Meta:
        ordering = ("account_number", "service")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["account_number", "service"], name="service_health_once")
        ]

    def __str__(self) -> str:
        return f"{self.service} in {self.account_number or 'the account of Atrium'}"
