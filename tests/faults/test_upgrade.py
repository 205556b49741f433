"""An upgrade as docs/operations.md orders it loses no job: softly stopped workers, old code that meets new jobs."""

import signal
from dataclasses import replace

import psycopg
import pytest
from celery import current_app
from django.db import transaction

from portal.jobs.models import Job
from portal.jobs.outbox import enqueue
from tests.conftest import CommittedDatabase
from tests.faults.effects.tasks import NAME
from tests.faults.harness import finish, machine, until

JOBS = 8
NEW_CODE = {"DJANGO_SETTINGS_MODULE": "tests.faults.effects.settings"}


@pytest.fixture
def database(committed_database: CommittedDatabase, monkeypatch: pytest.MonkeyPatch) -> CommittedDatabase:
    """A database with a table for effects; what the test enqueues goes to the broker of its processes."""
    with psycopg.connect(committed_database.environ["DATABASE_OWNER_URL"]) as owner:
        owner.execute("CREATE TABLE effect (argument bigint NOT NULL, attempt int NOT NULL)")
    monkeypatch.setattr(current_app.conf, "broker_write_url", committed_database.environ["BROKER_URL"])
    monkeypatch.setattr(current_app.amqp, "_producer_pool", None)
    return replace(committed_database, environ={**committed_database.environ, "ATRIUM_JOB_RETRY_SECONDS": "0.2"})


def with_code(database: CommittedDatabase, code: dict[str, str]) -> CommittedDatabase:
    return replace(database, environ={**database.environ, **code})


def enqueue_work(number: int) -> None:
    with transaction.atomic():
        for argument in range(number):
            enqueue(NAME, argument)


def effects(database: CommittedDatabase) -> list[int]:
    with psycopg.connect(database.environ["DATABASE_URL"]) as reader:
        return [row[0] for row in reader.execute("SELECT argument FROM effect ORDER BY argument")]


def test_a_worker_that_is_stopped_softly_ends_what_it_began_and_leaves_the_rest(database: CommittedDatabase) -> None:
    work = Job.objects.filter(name=NAME)
    with machine(with_code(database, NEW_CODE)) as stack:
        enqueue_work(JOBS)
        until(lambda: work.filter(state=Job.State.CLAIMED).exists(), "a job runs")
        stack.processes("worker")[0].send_signal(signal.SIGTERM)
        until(lambda: stack.fallen() == ["worker"], "the worker ends by itself")
        assert not work.filter(state=Job.State.CLAIMED).exists()
        left = work.filter(state=Job.State.PENDING).count()
        assert 0 < left < JOBS, "the worker was stopped before or after its work, so this proves nothing"
        assert len(effects(database)) == JOBS - left
        stack.start("worker")
        finish(stack)
    assert effects(database) == list(range(JOBS))
    assert set(work.values_list("attempt", "losses", "failures")) == {(1, 0, 0)}


def test_a_job_of_the_new_release_that_meets_a_worker_of_the_old_one_waits_for_its_own(
    database: CommittedDatabase,
) -> None:
    with machine(database) as old:
        enqueue_work(1)
        until(lambda: Job.objects.filter(name=NAME, failures__gt=0).exists(), "the old worker refuses the job")
        old.stop("worker")
        assert Job.objects.get(name=NAME).state == Job.State.PENDING
        assert effects(database) == []
    with machine(with_code(database, NEW_CODE)) as new:
        finish(new)
    assert effects(database) == [0]
