"""RabbitMQ in the place of Redis: quorum queues, a worker that consumes, a broker that dies and comes back."""

from collections.abc import Iterator
from dataclasses import replace

import psycopg
import pytest
from amqp.exceptions import PreconditionFailed
from django.conf import settings
from django.db import transaction
from kombu import Connection

from portal.jobs.models import Job
from portal.jobs.outbox import enqueue
from portal.local import rabbitmq
from portal.local.stack import Stack
from tests.conftest import CommittedDatabase
from tests.faults.effects.tasks import NAME
from tests.faults.harness import finish, machine, until

pytestmark = pytest.mark.skipif(bool(rabbitmq.missing()), reason=rabbitmq.missing())


@pytest.fixture
def database(committed_database: CommittedDatabase, monkeypatch: pytest.MonkeyPatch) -> CommittedDatabase:
    """A database with a table for effects, and an environment that leaves the broker to the part rabbitmq.

    The test itself tells no broker: what it enqueues is found by the sweeper.
    """
    with psycopg.connect(committed_database.environ["DATABASE_OWNER_URL"]) as owner:
        owner.execute("CREATE TABLE effect (argument bigint NOT NULL, attempt int NOT NULL)")
    monkeypatch.setattr("portal.jobs.sending._left_alone_until", float("inf"))
    given = {name: value for name, value in committed_database.environ.items() if name != "BROKER_URL"}
    return replace(committed_database, environ={**given, "DJANGO_SETTINGS_MODULE": "tests.faults.effects.settings"})


@pytest.fixture
def stack(database: CommittedDatabase) -> Iterator[Stack]:
    with machine(database, ("rabbitmq", "worker", "sweeper")) as stack:
        yield stack


def enqueue_work(arguments: range) -> None:
    with transaction.atomic():
        for argument in arguments:
            enqueue(NAME, argument)


def effects(database: CommittedDatabase) -> list[int]:
    with psycopg.connect(database.environ["DATABASE_URL"]) as reader:
        return [row[0] for row in reader.execute("SELECT argument FROM effect ORDER BY argument")]


def declare(stack: Stack, kind: str) -> None:
    with Connection(stack.part("rabbitmq").provides()["BROKER_URL"]) as connection:
        connection.default_channel.queue_declare(
            settings.CELERY_TASK_DEFAULT_QUEUE, durable=True, auto_delete=False, arguments={"x-queue-type": kind}
        )


def test_the_broker_is_killed_and_comes_back_and_every_job_takes_effect_once(
    stack: Stack, database: CommittedDatabase
) -> None:
    declare(stack, "quorum")
    with pytest.raises(PreconditionFailed):
        declare(stack, "classic")
    enqueue_work(range(8))
    until(lambda: len(effects(database)) > 1, "jobs take effect")
    stack.kill("rabbitmq")
    assert stack.fallen() == ["rabbitmq"]
    enqueue_work(range(8, 12))
    assert Job.objects.filter(name=NAME, state=Job.State.PENDING).count() > 4
    stack.start("rabbitmq")
    stack.wait_ready("rabbitmq")
    finish(stack)
    assert effects(database) == list(range(12))
    assert stack.fallen() == []
