"""The outbox: jobs that must happen, the schedule that makes them, and what each sync did."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from portal.lib import clock
from portal.lib.identified import Identified


class Job(Identified):
    """One piece of background work. The row is the truth; a message to the broker only wakes a worker.

    `attempt` is the fence: a worker finishes a job only while the row still carries the attempt that it claimed.
    A job that failed while a newer one of its key waited is replaced by that one: both would do the same.
    """

    class State(models.TextChoices):
        PENDING = "pending", "Waits"
        CLAIMED = "claimed", "Runs"
        DONE = "done", "Done"
        DEAD = "dead", "Failed for good"
        REPLACED = "replaced", "Left to a newer one"

    name = models.CharField(max_length=80)
    argument = models.BigIntegerField(null=True, help_text="id of what the job is about")
    key = models.CharField(max_length=160, help_text="one job waits, and one runs, for a key")
    state = models.CharField(max_length=8, choices=State, default=State.PENDING)
    attempt = models.PositiveIntegerField(default=0, help_text="how often it was claimed")
    failures = models.PositiveIntegerField(default=0, help_text="how often its handler raised")
    losses = models.PositiveIntegerField(default=0, help_text="how often its worker died or was cut off")
    not_before = models.DateTimeField(default=clock.wall)
    claimed_until = models.DateTimeField(null=True, blank=True)
    claimed_by = models.CharField(max_length=120, blank=True)
    sent_at = models.DateTimeField(null=True, blank=True, help_text="last given to the broker; null = must be sent")
    created_at = models.DateTimeField(default=clock.wall)
    finished_at = models.DateTimeField(null=True, blank=True)
    error = models.TextField(blank=True)
    request_id = models.CharField(max_length=64, blank=True)

    class Meta:
        ordering = ("-id",)
        indexes: ClassVar = [
            models.Index(fields=["state", "not_before"]),
            models.Index(fields=["state", "claimed_until"]),
            models.Index(fields=["name", "-id"]),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["key"], condition=Q(state="pending"), name="job_waits_once_a_key"),
            models.UniqueConstraint(fields=["key"], condition=Q(state="claimed"), name="job_runs_once_a_key"),
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.key}"


class ScheduledSlot(models.Model):
    """A slot of the schedule that was turned into a job; whichever sweeper came first inserted it."""

    schedule = models.CharField(max_length=80)
    slot = models.DateTimeField()
    job = models.ForeignKey(Job, on_delete=models.CASCADE, related_name="+")

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["schedule", "slot"], name="schedule_slot_once")]

    def __str__(self) -> str:
        return f"{self.schedule} at {self.slot:%F %T}"


class SyncRun(models.Model):
    """What one sync did: pages show the age of their data from here."""

    class State(models.TextChoices):
        RUNNING = "running", "Runs"
        DONE = "done", "Done"
        PARTIAL = "partial", "Done in part"
        FAILED = "failed", "Failed"

    kind = models.CharField(max_length=40, help_text="catalogue, invocation_logs, …")
    scope = models.CharField(max_length=120, help_text="account and region, or what the sync covers")
    window_from = models.DateTimeField(null=True, blank=True)
    window_to = models.DateTimeField(null=True, blank=True)
    started_at = models.DateTimeField(default=clock.now)
    finished_at = models.DateTimeField(null=True, blank=True)
    state = models.CharField(max_length=8, choices=State, default=State.RUNNING)
    rows = models.BigIntegerField(default=0)
    done = models.BigIntegerField(default=0, help_text="units of work done so far")
    total = models.BigIntegerField(null=True, blank=True, help_text="units of work in all, if known")
    error = models.TextField(blank=True)
    job = models.ForeignKey(Job, null=True, on_delete=models.SET_NULL, related_name="+")
    seen_at = models.DateTimeField(default=clock.wall, help_text="when it last showed that it lives")

    class Meta:
        ordering = ("-started_at", "-id")
        indexes: ClassVar = [
            models.Index(fields=["kind", "scope", "-started_at"]),
            models.Index(fields=["seen_at"], condition=Q(state="running"), name="sync_runs_now"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} of {self.scope}"
