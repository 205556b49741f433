"""Telling the broker that a job waits: best effort, since the sweeper sends again what was not heard."""

import logging
from collections.abc import Sequence
from time import monotonic
from typing import Any

from amqp.exceptions import ChannelError
from celery import current_app
from django.conf import settings
from kombu.exceptions import OperationalError

from portal.jobs.models import Job
from portal.lib import clock

logger = logging.getLogger(__name__)

# A broker that hangs costs its whole timeout: after a failure this process leaves it alone for so long, and the
# sweeper sends what came up meanwhile.
LEFT_ALONE_S = 2.0
_left_alone_until = 0.0


def send(job_id: int) -> bool:
    """Send a job's id to the workers. Returns whether the broker took it."""
    from portal.jobs.worker import run  # the worker's handlers enqueue, and so import this module

    global _left_alone_until
    if monotonic() < _left_alone_until:
        return False
    try:
        run.apply_async((job_id,), retry=False, ignore_result=True)
    except (OperationalError, OSError) as error:
        _left_alone_until = monotonic() + LEFT_ALONE_S
        logger.warning("The broker did not take job %s; the sweeper sends it again: %s", job_id, error)
        return False
    return True


def send_all(job_ids: Sequence[int]) -> int:
    """Send ids whose `sent_at` is written already, and take that back from where the broker fails.

    Returns how many it took.
    """
    for place, job_id in enumerate(job_ids):
        if not send(job_id):
            Job.objects.filter(pk__in=job_ids[place:], state=Job.State.PENDING).update(sent_at=None)
            return place
    return len(job_ids)


def wake(job_id: int) -> None:
    """Send one id after the commit of its job."""
    send_all([job_id])


def wake_next(key: str) -> None:
    """Send the job that waited for another one of its key to end, if there is one and it is due."""
    now = clock.wall()
    waiting = Job.objects.filter(key=key, state=Job.State.PENDING, not_before__lte=now).values_list("pk", flat=True)
    for job_id in waiting:
        Job.objects.filter(pk=job_id, state=Job.State.PENDING).update(sent_at=now)
        wake(job_id)


def messages_waiting() -> int | None:
    """How many messages wait in the workers' queue, or None when the broker does not say.

    A queue that does not exist holds none: Redis forgets an empty one, and all of them when it is flushed.
    """
    try:
        with current_app.connection_for_write() as connection:
            channel: Any = connection.default_channel
            return int(channel.queue_declare(settings.CELERY_TASK_DEFAULT_QUEUE, passive=True).message_count)
    except ChannelError as error:
        if str(error.reply_code) != "404":
            raise
        return 0
    except connection_errors() as error:
        logger.warning("The broker does not tell how many messages wait: %s", error)
        return None


def connection_errors() -> tuple[type[BaseException], ...]:
    """What talking to the configured broker may raise."""
    connection = current_app.connection_for_write()
    return (OperationalError, OSError, *connection.connection_errors, *connection.channel_errors)
