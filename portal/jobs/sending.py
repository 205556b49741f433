"""Telling the broker that a job waits: best effort, since the sweeper sends again what was not heard."""

import logging

from kombu.exceptions import OperationalError

from portal.jobs.models import Job
from portal.lib import clock

logger = logging.getLogger(__name__)


def send(job: Job) -> bool:
    """Send the job's id to the workers. Returns whether the broker took it."""
    from portal.jobs.worker import run

    try:
        run.apply_async((job.pk,), retry=False, ignore_result=True)
    except (OperationalError, OSError) as error:
        logger.warning("The broker did not take job %s: %s", job.pk, error)
        return False
    Job.objects.filter(pk=job.pk, state=Job.State.PENDING).update(sent_at=clock.wall())
    return True
