"""Who works on a job: a claim has an end, and its attempt number is the fence against whoever lost it."""

import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime, timedelta

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import QuerySet

from portal.jobs.errors import ClaimLost
from portal.jobs.models import Job
from portal.lib import clock

_current: ContextVar[Job | None] = ContextVar("job", default=None)

# A locked row is skipped: a transaction that joined the waiting job (see `enqueue`) or its fenced writes are not
# done yet, and both end with a commit after which the job is sent again.
CLAIM = """
    UPDATE jobs_job
    SET state = 'claimed', attempt = attempt + 1, losses = losses + (state = 'claimed')::int,
        claimed_until = %(until)s, claimed_by = %(by)s
    WHERE id = (
        SELECT id FROM jobs_job AS mine
        WHERE id = %(id)s
        AND (state = 'pending' AND not_before <= %(now)s OR state = 'claimed' AND claimed_until < %(now)s)
        AND NOT EXISTS (
            SELECT FROM jobs_job AS other
            WHERE other.key = mine.key AND other.id <> mine.id AND other.state = 'claimed'
        )
        FOR UPDATE SKIP LOCKED
    )
    RETURNING *
"""


def claim(job_id: int) -> Job | None:
    """Take a job that waits and is due, or whose claim ran out, unless another one of its key runs.

    Returns the job as claimed (its `attempt` is the fence), or None when there is nothing to do for us.
    """
    values = {"id": job_id, "now": clock.wall(), "until": _until(), "by": f"{socket.gethostname()}/{os.getpid()}"[:120]}
    try:
        with transaction.atomic():
            return next(iter(Job.objects.raw(CLAIM, values)), None)
    except IntegrityError:
        return None  # another worker claimed a job of the same key at the same moment


def mine(job: Job) -> QuerySet[Job]:
    """The job's row as long as it is still ours: every write to it goes through here."""
    return Job.objects.filter(pk=job.pk, attempt=job.attempt, state=Job.State.CLAIMED)


def renew(job: Job) -> bool:
    """Move the end of a claim. Returns False when the row is locked (by our own fenced writes) or no longer ours."""
    with transaction.atomic():
        free = mine(job).select_for_update(skip_locked=True, no_key=True).values_list("pk", flat=True)
        return bool(Job.objects.filter(pk__in=list(free)).update(claimed_until=_until()))


def current() -> Job | None:
    """The job that this code runs for, None outside any."""
    return _current.get()


@contextmanager
def working_on(job: Job) -> Iterator[None]:
    """Run a block as the work of a claimed job."""
    token = _current.set(job)
    try:
        yield
    finally:
        _current.reset(token)


@contextmanager
def fenced(*, final: bool = False) -> Iterator[None]:
    """A transaction that commits only while the running job is ours; outside a job a plain transaction.

    final: the job is done with this very commit, so that its effect and its end are one.
    Raises ClaimLost when the job was taken over. Slow I/O belongs outside: the row stays locked meanwhile.
    """
    job = current()
    with transaction.atomic():
        if job is None:
            yield
            return
        if not mine(job).select_for_update(no_key=True).exists():
            raise ClaimLost(f"Job {job.pk} was taken over from its attempt {job.attempt}.")
        yield
        if final:
            end(job)
        else:
            # While we held the row the heartbeat could not renew the claim.
            mine(job).update(claimed_until=_until())


def end(job: Job) -> bool:
    """Mark a job of ours as done. Returns whether it still was ours."""
    changes = {"state": Job.State.DONE, "finished_at": clock.wall(), "claimed_until": None, "error": ""}
    return bool(mine(job).update(**changes))


def _until() -> datetime:
    return clock.wall() + timedelta(seconds=settings.JOB_CLAIM_SECONDS)
