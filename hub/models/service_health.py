"""How AWS answers: a row for each service of each region of each account that was ever called, kept by all who call."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from portal.lib import clock


class ServiceHealth(models.Model):
    """One service in one region of an account: the calls of all processes, and the worst that a living one tells.

    region is "" only in what was counted before Atrium knew the region.
    """

    class State(models.TextChoices):
        CLOSED = "closed", "answers"
        PROBING = "probing", "is tried again"
        OPEN = "open", "left alone"

    account_number = models.CharField(max_length=12, blank=True, help_text='"" for Atrium\'s own identity')
    region = models.CharField(max_length=32, blank=True, default="")
    service = models.CharField(max_length=32)
    state = models.CharField(max_length=8, choices=State, default=State.CLOSED)
    since = models.DateTimeField(help_text="when it came to this state")
    expires_at = models.DateTimeField(
        null=True, blank=True, help_text="when nobody who told of another state than closed counts any more"
    )
    called_at = models.DateTimeField(help_text="when a process last told of calls")
    error = models.TextField(blank=True, help_text="what was said when a call failed last")
    error_at = models.DateTimeField(null=True, blank=True)
    calls = models.BigIntegerField(default=0)
    failures = models.BigIntegerField(default=0, help_text="calls that failed in spite of their retries")
    throttled = models.BigIntegerField(default=0, help_text="those of the failures that were throttled")

    class Meta:
        ordering = ("account_number", "service", "region")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["account_number", "region", "service"], name="service_health_once_a_region")
        ]

    def __str__(self) -> str:
        return f"{self.service} in {self.account_number or 'the account of Atrium'}, {self.region}"

    @classmethod
    def left_alone(cls) -> Q:
        """The condition of rows in which a living process leaves the service alone, or tries whether it is back."""
        return ~Q(state=cls.State.CLOSED) & Q(expires_at__gt=clock.wall())

    @property
    def state_now(self) -> State:
        """The state: closed once nobody who told otherwise counts any more."""
        living = self.expires_at is not None and self.expires_at > clock.wall()
        return self.State(self.state) if living else self.State.CLOSED


class BreakerReport(models.Model):
    """A breaker that is not closed, as its process told last. No row: closed, or the process is gone."""

    process = models.CharField(max_length=64)
    health = models.ForeignKey(ServiceHealth, models.CASCADE, related_name="reports")
    state = models.CharField(max_length=8, choices=ServiceHealth.State)
    since = models.DateTimeField(help_text="when it came to this state")
    rests_until = models.DateTimeField(help_text="before that it lets no call through")
    expires_at = models.DateTimeField(help_text="a process that told nothing until then is taken for gone")

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["process", "health"], name="breaker_report_once")]

    def __str__(self) -> str:
        return f"{self.health} is {self.state} in {self.process}"
