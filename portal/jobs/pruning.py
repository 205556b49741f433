"""What the outbox forgets, and when."""

from datetime import datetime, timedelta

from django.db.models import Exists, OuterRef, Q, QuerySet

from portal.jobs.models import Job, ScheduledSlot, SyncRun
from portal.jobs.registry import TASKS
from portal.lib import clock

BATCH = 2000
JOBS_KEPT = timedelta(days=30)
DEAD_JOBS_KEPT = timedelta(days=90)
SYNCS_KEPT = timedelta(days=90)
# Jobs of a schedule are many and alike: two days of them, or three slots if that is longer.
SCHEDULED_KEPT = timedelta(days=2)
SLOTS_KEPT = 3


def prune() -> int:
    """Delete slots, ended jobs and sync runs that were kept long enough. Returns how many rows."""
    now = clock.wall()
    slots = sum(_delete(_old_slots(task.name, now, task.every)) for task in TASKS.values() if task.every)
    return slots + _delete(_old_jobs(now)) + _delete(_old_syncs(now))


def _old_slots(name: str, now: datetime, every: int) -> QuerySet[ScheduledSlot]:
    """Slots that cannot come again: a slot that is deleted while it lasts would be scheduled a second time."""
    kept = max(SCHEDULED_KEPT, SLOTS_KEPT * timedelta(seconds=every))
    return ScheduledSlot.objects.filter(schedule=name, slot__lt=now - kept)


def _old_jobs(now: datetime) -> QuerySet[Job]:
    """Ended jobs of no slot: those of a schedule after a short time, others after a long one, dead ones the longest."""
    scheduled = [task.name for task in TASKS.values() if task.every]
    over = Q(state__in=(Job.State.DONE, Job.State.REPLACED))
    old = (
        Q(over, name__in=scheduled, argument=None, finished_at__lt=now - SCHEDULED_KEPT)
        | Q(over, finished_at__lt=now - JOBS_KEPT)
        | Q(state=Job.State.DEAD, finished_at__lt=now - DEAD_JOBS_KEPT)
    )
    return Job.objects.filter(old).exclude(Exists(ScheduledSlot.objects.filter(job=OuterRef("pk"))))


def _old_syncs(now: datetime) -> QuerySet[SyncRun]:
    """Old runs, except the newest of each kind and scope: it tells the age of the data."""
    newer = SyncRun.objects.filter(kind=OuterRef("kind"), scope=OuterRef("scope"), pk__gt=OuterRef("pk"))
    old = SyncRun.objects.filter(seen_at__lt=now - SYNCS_KEPT).exclude(state=SyncRun.State.RUNNING)
    return old.filter(Exists(newer.filter(state=SyncRun.State.DONE)))


def _delete(rows: "QuerySet[Job] | QuerySet[ScheduledSlot] | QuerySet[SyncRun]") -> int:
    """Delete in batches, each in a transaction of its own, so that no lock is held long."""
    deleted = 0
    while batch := list(rows.values_list("pk", flat=True)[:BATCH]):
        deleted += rows.model.objects.filter(pk__in=batch).delete()[0]
    return deleted
