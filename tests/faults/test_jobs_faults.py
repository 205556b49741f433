"""No accepted job is lost and none takes effect twice, whatever is killed."""

import subprocess
import sys
from dataclasses import replace

import psycopg
import pytest
import redis
from celery import current_app
from django.conf import settings
from django.db import connection, transaction

from portal.jobs.models import Job
from portal.jobs.outbox import enqueue
from portal.local.ground import ROOT
from tests.conftest import CommittedDatabase
from tests.faults.effects.tasks import NAME
from tests.faults.harness import finish, kill_at_work, machine, until

JOBS = 12
KILLS = 4


@pytest.fixture
def database(committed_database: CommittedDatabase, monkeypatch: pytest.MonkeyPatch) -> CommittedDatabase:
    """A database with a table for effects, and an environment in which the processes know the jobs of this test.

    What the test itself enqueues goes to the same broker database as that of the processes.
    """
    with psycopg.connect(committed_database.environ["DATABASE_OWNER_URL"]) as owner:
        owner.execute("CREATE TABLE effect (argument bigint NOT NULL, attempt int NOT NULL)")
    monkeypatch.setattr(current_app.conf, "broker_write_url", committed_database.environ["BROKER_URL"])
    monkeypatch.setattr(current_app.amqp, "_producer_pool", None)
    known = {"DJANGO_SETTINGS_MODULE": "tests.faults.effects.settings", "ATRIUM_JOB_RETRY_SECONDS": "0.2"}
    environ = {**committed_database.environ, **known}
    return replace(committed_database, environ=environ)


def effects(database: CommittedDatabase) -> list[int]:
    """The arguments of the jobs that took effect, once for each time."""
    with psycopg.connect(database.environ["DATABASE_URL"]) as reader:
        return [row[0] for row in reader.execute("SELECT argument FROM effect ORDER BY argument")]


def cut_connections(database: CommittedDatabase) -> int:
    """End every session on the database, as a restart of it does. Returns how many there were."""
    with psycopg.connect(database.environ["DATABASE_ADMIN_URL"], autocommit=True) as admin:
        ended = admin.execute(
            "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = %s", [database.name]
        ).fetchone()
    connection.close()  # ours was among them
    assert ended
    return int(ended[0])


def enqueue_work() -> None:
    with transaction.atomic():
        for argument in range(JOBS):
            enqueue(NAME, argument)


def test_a_worker_that_is_killed_again_and_again_does_every_job_exactly_once(database: CommittedDatabase) -> None:
    with machine(database) as stack:
        enqueue_work()
        hits = [kill_at_work(stack, name=NAME) for _ in range(KILLS)]
        finish(stack)
    assert len({(hit.job, hit.attempt) for hit in hits}) == KILLS
    assert effects(database) == list(range(JOBS))
    assert Job.objects.filter(name=NAME, losses__gt=0, state=Job.State.DONE).exists()


def test_a_sweeper_that_is_killed_loses_nothing(database: CommittedDatabase) -> None:
    with machine(database) as stack:
        enqueue_work()
        for _ in range(KILLS):
            kill_at_work(stack, name=NAME, part="sweeper")
        finish(stack)
    assert effects(database) == list(range(JOBS))


def test_a_database_that_cuts_every_session_loses_nothing(database: CommittedDatabase) -> None:
    with machine(database) as stack:
        enqueue_work()
        for done in range(0, JOBS, JOBS // KILLS):
            until(lambda done=done: done <= len(effects(database)) < JOBS, f"{done} jobs are done")
            assert cut_connections(database) > 0
        finish(stack)
        assert stack.is_running("worker")
        assert stack.is_running("sweeper")
    assert effects(database) == list(range(JOBS))


def test_work_is_accepted_while_the_broker_is_dead_and_done_when_it_is_back(database: CommittedDatabase) -> None:
    own_broker = {name: value for name, value in database.environ.items() if name != "BROKER_URL"}
    with machine(replace(database, environ=own_broker), ("broker", "worker", "sweeper")) as stack:
        stack.kill("broker")
        command = f"from portal.jobs.outbox import enqueue\nfor n in range({JOBS}): enqueue({NAME!r}, n)"
        shell = [sys.executable, "manage.py", "shell", "-v0", "-c", command]
        subprocess.run(shell, cwd=ROOT, env=stack.environ, check=True)
        assert set(Job.objects.filter(name=NAME).values_list("state", "sent_at")) == {(Job.State.PENDING, None)}
        stack.start("broker")
        stack.wait_ready("broker")
        finish(stack)
    assert effects(database) == list(range(JOBS))


def test_a_broker_that_forgets_everything_costs_only_time(database: CommittedDatabase) -> None:
    with redis.Redis.from_url(database.environ["BROKER_URL"]) as broker:
        broker.flushdb()
        enqueue_work()
        assert broker.llen(settings.CELERY_TASK_DEFAULT_QUEUE) == JOBS
        broker.flushdb()
    with machine(database) as stack:
        finish(stack)
    assert effects(database) == list(range(JOBS))
