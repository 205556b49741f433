"""How a claimed job ends: done, waiting for another attempt, left to a newer job, or dead."""

import random
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction

from portal.jobs.claims import end, mine
from portal.jobs.errors import ClaimLost, Permanent, in_words
from portal.jobs.models import Job
from portal.jobs.registry import MAX_ATTEMPTS, TASKS
from portal.lib import clock

LONGEST_WAIT_S = 600
# A lost claim is mostly the machine's fault and not the job's; but a job that kills its worker each time must end.
LOSSES_FOR_A_FAILURE = 5

_random = random.SystemRandom()


def finish(job: Job) -> None:
    """The handler returned. Raises ClaimLost unless the job is ours or was already ended by `fenced(final=True)`."""
    ended = Job.objects.filter(pk=job.pk, attempt=job.attempt, state=Job.State.DONE)
    if not end(job) and not ended.exists():
        raise ClaimLost(f"Job {job.pk} was taken over from its attempt {job.attempt} before it ended.")


def fail(job: Job, error: Exception) -> Job.State:
    """The handler raised: wait for another attempt, or die. Returns the new state; raises ClaimLost."""
    failures = job.failures + 1
    if isinstance(error, Permanent) or failures >= max_attempts(job.name):
        return kill(job, in_words(error), failures=failures)
    not_before = clock.wall() + back_off(failures)
    return put_back(job, in_words(error), failures=failures, not_before=not_before)


def lose(job: Job) -> Job.State:
    """Nobody renewed the claim: its worker died or was cut off. Returns the new state; raises ClaimLost."""
    losses = job.losses + 1
    error = f"Its worker ({job.claimed_by}) died or was cut off {losses} times; the last was attempt {job.attempt}."
    if losses >= LOSSES_FOR_A_FAILURE * max_attempts(job.name):
        return kill(job, error, losses=losses)
    return put_back(job, error, losses=losses)


def back_off(failures: int) -> timedelta:
    """How long to wait after so many failures: exponential, capped, with full jitter so that failed jobs part."""
    ceiling = min(LONGEST_WAIT_S, settings.JOB_RETRY_SECONDS * 2 ** (failures - 1))
    return timedelta(seconds=_random.uniform(0, ceiling))


def max_attempts(name: str) -> int:
    """How often a job may fail; a name that this release does not know has the usual number."""
    return TASKS[name].max_attempts if name in TASKS else MAX_ATTEMPTS


def kill(job: Job, error: str, **changes: Any) -> Job.State:
    """End a job for good, with its error in words."""
    return _move(job, Job.State.DEAD, error=error, finished_at=clock.wall(), **changes)


def put_back(job: Job, error: str, **changes: Any) -> Job.State:
    """Let a job wait again; if one waits for its key already, that one does the same work and this one is over."""
    try:
        with transaction.atomic():
            return _move(job, Job.State.PENDING, error=error, sent_at=None, **changes)
    except IntegrityError:
        return _move(job, Job.State.REPLACED, error=error, finished_at=clock.wall(), **changes)


def _move(job: Job, state: Job.State, **changes: Any) -> Job.State:
    if not mine(job).update(state=state, claimed_until=None, **changes):
        raise ClaimLost(f"Job {job.pk} was taken over from its attempt {job.attempt}.")
    return state
