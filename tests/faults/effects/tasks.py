"""Jobs that can be killed at work, and leave a row behind when they end."""

import time

from django.db import connection

from portal.jobs.claims import current, fenced
from portal.jobs.registry import task

NAME = "tests.effect"
STEPS = 3
STEP_S = 0.15
QUICK_NAME = "tests.quick_effect"
QUICK_S = 0.1


@task(NAME)
def effect(argument: int | None) -> None:
    """Work for a while in three steps, then leave the row."""
    for _ in range(STEPS):
        time.sleep(STEP_S)
    _leave_row(argument)


@task(QUICK_NAME)
def quick_effect(argument: int | None) -> None:
    """Work for a moment, then leave the row: of these there are many."""
    time.sleep(QUICK_S)
    _leave_row(argument)


def _leave_row(argument: int | None) -> None:
    """Write one row in the commit that also ends the job."""
    job = current()
    assert job
    with fenced(final=True), connection.cursor() as cursor:
        cursor.execute("INSERT INTO effect (argument, attempt) VALUES (%s, %s)", [argument, job.attempt])
