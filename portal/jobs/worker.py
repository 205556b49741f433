"""The one Celery task: claim a job and run its handler."""

import logging

from celery import shared_task
from django.db import InterfaceError, OperationalError, connection

from portal.jobs import closing, outcomes
from portal.jobs.claims import claim, working_on
from portal.jobs.errors import ClaimLost
from portal.jobs.heartbeat import beating
from portal.jobs.models import Job
from portal.jobs.registry import find
from portal.jobs.sending import wake_next
from portal.lib import request_id

logger = logging.getLogger(__name__)


@shared_task(name="portal.jobs.run")
def run(job_id: int) -> None:
    """Run the job if it can be claimed. Never fails: the row tells what is left to do, and the sweeper sends it again.

    An error of the database that escaped would make Celery drop the message as failed.
    """
    try:
        work(job_id)
    except (OperationalError, InterfaceError) as error:
        logger.warning("The database went away during job %s; the sweeper sends it again: %s", job_id, error)


def work(job_id: int) -> None:
    """Claim the job, run its handler under the request id that caused it, and write how it ended."""
    job = claim(job_id)
    if job is None:
        return
    with request_id.running(job.request_id or str(job.uid)):
        try:
            with working_on(job), beating(job):
                _attempt(job)
        except ClaimLost as error:
            logger.warning("%s", error, extra=_fields(job))
            return
        finally:
            closing.close()
        wake_next(job.key)


def _attempt(job: Job) -> None:
    """Call the handler; a failure is written to the row and the log. Raises ClaimLost."""
    try:
        find(job.name).handler(job.argument)
        outcomes.finish(job)
    except ClaimLost:
        raise
    except Exception as error:
        # After a restart of the database the connection is broken, and the outcome needs a sound one.
        if not connection.is_usable():
            connection.close()
        state = outcomes.fail(job, error)
        logger.exception("Job %s failed and is now %s.", job.name, state.value, extra=_fields(job))


def _fields(job: Job) -> dict[str, object]:
    return {"job": job.pk, "task": job.name, "argument": job.argument, "attempt": job.attempt}
