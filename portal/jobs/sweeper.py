"""One pass over the outbox: send what was not heard, give up claims that ran out, fill the schedule."""

import logging
from datetime import timedelta

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from portal.jobs import outcomes, schedule, sending, syncs
from portal.jobs.locks import unless_locked
from portal.jobs.models import Job
from portal.lib import clock

logger = logging.getLogger(__name__)

# Any number, the same in every sweeper: the transaction that holds it is the one that sweeps.
LOCK = 7_015_662_031
BATCH = 200
# A message may wait in the broker's queue for so many sweeps before it counts as not heard.
SWEEPS_BEFORE_RESEND = 5


def sweep() -> bool:
    """Do one pass. Returns False when another sweeper is at it.

    The broker is asked before the transaction and written to after it, since both may be slow.
    """
    resend = _messages_are_missing()
    with transaction.atomic():
        if not _is_first():
            return False
        job_ids = _take_due(resend=resend)
        _give_up_expired()
        schedule.fill()
        syncs.fail_abandoned()
    sending.send_all(job_ids)
    return True


def _is_first() -> bool:
    """Take the sweepers' lock for this transaction; what others hold locked is not waited for long."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s), set_config('lock_timeout', '250ms', true)", [LOCK])
        return bool(cursor.fetchone()[0])


def _due() -> QuerySet[Job]:
    """Jobs that wait and may run now; one whose key runs is woken by the end of that run."""
    running = Job.objects.filter(key=OuterRef("key"), state=Job.State.CLAIMED)
    due = Job.objects.filter(state=Job.State.PENDING, not_before__lte=clock.wall())
    return due.exclude(Exists(running)).order_by("not_before", "pk")


def _not_heard() -> Q:
    """Sent so long ago that the message may be lost. Never sent (NULL) is another thing, and compares as unknown."""
    patience = timedelta(seconds=SWEEPS_BEFORE_RESEND * settings.JOB_SWEEP_SECONDS)
    return Q(sent_at__lt=clock.wall() - patience)


def _messages_are_missing() -> bool:
    """Whether jobs wait that were sent long ago, and the broker's queue is too short to hold a message for each.

    Without this a backlog would be sent again and again, and grow the queue without end.
    """
    if not _due().filter(_not_heard()).exists():
        return False
    messages = sending.messages_waiting()
    return messages is not None and messages < _due().count()


def _take_due(*, resend: bool) -> list[int]:
    """Mark as sent, and return, the ids of what was never sent and, if wanted, of what was not heard."""
    wanted = Q(sent_at=None) | _not_heard() if resend else Q(sent_at=None)
    due = _due().filter(wanted).select_for_update(skip_locked=True, of=("self",), no_key=True)
    job_ids = list(due.values_list("pk", flat=True)[:BATCH])
    Job.objects.filter(pk__in=job_ids).update(sent_at=clock.wall())
    return job_ids


def _give_up_expired() -> None:
    """Put jobs back whose claim ran out. The attempt stays: it is the fence against their old workers."""
    expired = Job.objects.filter(state=Job.State.CLAIMED, claimed_until__lt=clock.wall()).order_by("pk")
    for job in expired.select_for_update(skip_locked=True, no_key=True)[:BATCH]:
        with unless_locked(f"job {job.pk}"):
            state = outcomes.lose(job)
            logger.warning("Job %s %s was lost by %s and is now %s.", job.pk, job.name, job.claimed_by, state.value)
