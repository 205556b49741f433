"""Putting work into the outbox."""

from datetime import datetime

from django.db import transaction

from portal.jobs.models import Job
from portal.jobs.registry import TASKS
from portal.lib import clock, request_id


def enqueue(name: str, argument: int | None = None, *, key: str = "", not_before: datetime | None = None) -> Job:
    """Insert a job in the running transaction and wake a worker after its commit, best effort.

    key: one job waits for a key at a time ("" = name:argument); a second call while one waits returns that one,
    since jobs work from full state. A job that already runs does not count: it may have read the state too early.
    Raises LookupError for a name that no app declared.
    """
    if name not in TASKS:
        raise LookupError(f"No task is called {name}.")
    key = key or f"{name}:{argument}"
    job, created = Job.objects.get_or_create(
        key=key,
        state=Job.State.PENDING,
        defaults={
            "name": name,
            "argument": argument,
            "not_before": not_before or clock.wall(),
            "request_id": request_id.current(),
        },
    )
    if created and not_before is None:
        from portal.jobs.sending import send

        transaction.on_commit(lambda: send(job))
    return job
