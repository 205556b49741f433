"""A job of three steps that can be killed between any two of them."""

import time

from django.db import connection

from portal.jobs.claims import current, fenced
from portal.jobs.registry import task

NAME = "tests.effect"
STEPS = 3
STEP_S = 0.15


@task(NAME)
def effect(argument: int | None) -> None:
    """Work for a while, then write one row in the commit that also ends the job."""
    for _ in range(STEPS):
        time.sleep(STEP_S)
    job = current()
    assert job
    with fenced(final=True), connection.cursor() as cursor:
        cursor.execute("INSERT INTO effect (argument, attempt) VALUES (%s, %s)", [argument, job.attempt])
