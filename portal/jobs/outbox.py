"""Putting work into the outbox."""

from datetime import datetime

from django.db import transaction

from portal.jobs.models import Job
from portal.jobs.registry import find
from portal.jobs.sending import wake
from portal.lib import clock, request_id
from portal.lib.uid import new_uid

# One statement inserts the job, or locks the one that waits until this transaction ends: a worker that claimed it
# before our commit would work from the state without our changes. A job that failed before keeps its back-off.
INSERT_OR_JOIN = """
    INSERT INTO jobs_job (uid, name, argument, key, state, attempt, failures, losses, not_before, claimed_by, sent_at,
                          created_at, error, request_id)
    VALUES (%(uid)s, %(name)s, %(argument)s, %(key)s, 'pending', 0, 0, 0, %(not_before)s, '', %(sent_at)s,
            %(now)s, '', %(request_id)s)
    ON CONFLICT (key) WHERE state = 'pending' DO UPDATE
    SET not_before = CASE WHEN jobs_job.failures = 0 OR %(afresh)s
                          THEN least(jobs_job.not_before, excluded.not_before) ELSE jobs_job.not_before END,
        failures = CASE WHEN %(afresh)s THEN 0 ELSE jobs_job.failures END
    RETURNING *
"""


def enqueue(
    name: str,
    argument: int | None = None,
    *,
    key: str = "",
    not_before: datetime | None = None,
    afresh: bool = False,
) -> Job:
    """Insert a job in the running transaction and wake a worker after its commit, best effort.

    key: one job waits for a key at a time ("" = name:argument); a second call while one waits returns that one,
    since jobs work from full state. afresh: somebody decided anew, so what failed before neither delays it nor counts.
    A job that already runs does not count: it may have read the state too early.
    Raises LookupError for a name that no app declared.
    """
    now = clock.wall()
    due = not_before is None or not_before <= now
    values = {
        "uid": new_uid(),
        "name": find(name).name,
        "argument": argument,
        "key": key or f"{name}:{argument}",
        "not_before": not_before or now,
        "sent_at": now if due else None,
        "now": now,
        "request_id": request_id.current(),
        "afresh": afresh,
    }
    job: Job = Job.objects.raw(INSERT_OR_JOIN, values)[0]
    if job.not_before <= now:
        # robust: the change is committed and the job with it; whatever goes wrong now, the sweeper makes good.
        transaction.on_commit(lambda: wake(job.pk), robust=True)
    return job
