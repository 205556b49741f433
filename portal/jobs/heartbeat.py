"""Renewing the claim of a job while its handler runs."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event, Thread

from django.conf import settings
from django.db import DatabaseError, InterfaceError, connection

from portal.jobs.claims import renew
from portal.jobs.models import Job

logger = logging.getLogger(__name__)


@contextmanager
def beating(job: Job) -> Iterator[None]:
    """Renew the claim every JOB_HEARTBEAT_SECONDS during a block, in a thread with a connection of its own."""
    stop = Event()
    thread = Thread(target=_beat, args=(job, stop), name=f"heartbeat of job {job.pk}", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def _beat(job: Job, stop: Event) -> None:
    """Beat until told to stop. A database that is away for a while costs beats, and at worst the claim."""
    while not stop.wait(settings.JOB_HEARTBEAT_SECONDS):
        try:
            renew(job)
        except (DatabaseError, InterfaceError) as error:
            logger.warning("The claim of job %s was not renewed: %s", job.pk, error)
        finally:
            connection.close()
