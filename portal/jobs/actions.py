"""What a person may do with jobs. Who may, and the audit event, are the caller's: this layer knows no people."""

from django.db import IntegrityError, transaction

from portal.jobs.models import Job, SyncRun
from portal.jobs.outbox import enqueue
from portal.jobs.registry import TASKS
from portal.jobs.sending import wake
from portal.lib import clock
from portal.lib.errors import Refused


def revive(job: Job) -> Job:
    """Let a dead job wait again, with all its attempts before it. Returns it as it is now.

    Raises Refused when it is not dead (any more), or another job that does the same waits already.
    """
    now = clock.wall()
    fresh = {"failures": 0, "losses": 0, "not_before": now, "sent_at": now, "finished_at": None}
    dead = Job.objects.filter(pk=job.pk, state=Job.State.DEAD)
    try:
        with transaction.atomic():
            if not dead.update(state=Job.State.PENDING, **fresh):
                raise Refused("This job is not dead any more: somebody else may have retried it.")
    except IntegrityError as error:
        raise Refused("A newer job waits already that does the same.") from error
    transaction.on_commit(lambda: wake(job.pk), robust=True)
    job.refresh_from_db()
    return job


def run_now(name: str) -> Job:
    """Enqueue a task of the schedule outside its schedule. One that waits for another attempt does so no longer.

    Raises Refused for a name that is on no schedule.
    """
    if name not in TASKS or TASKS[name].every is None:
        raise Refused(f"Nothing called {name} is on the schedule.")
    with transaction.atomic():
        return _at_once(enqueue(name))


def sync_again(run: SyncRun) -> Job:
    """Enqueue what did this sync once more, for its scope alone, without waiting for a further attempt.

    Raises Refused if it did not fail, or if nothing is known any more of the job that did it.
    """
    if run.state not in (SyncRun.State.FAILED, SyncRun.State.PARTIAL):
        raise Refused("This sync did not fail; it runs again by itself.")
    if run.job is None:
        raise Refused("The job of this sync was cleared away; run the whole schedule instead.")
    with transaction.atomic():
        return _at_once(enqueue(run.job.name, run.job.argument, key=run.job.key, afresh=True))


def _at_once(job: Job) -> Job:
    """Let a job that waits for another attempt do so no longer."""
    now = clock.wall()
    if job.not_before > now and Job.objects.filter(pk=job.pk).update(not_before=now, sent_at=now):
        transaction.on_commit(lambda: wake(job.pk), robust=True)
    job.refresh_from_db()
    return job
