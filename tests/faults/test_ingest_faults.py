"""A worker killed again and again while it reads invocation logs: the same totals as one that was left alone.

Both workers read the same records, each from the bucket of another account of one sandbox.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import psycopg
import pytest
from celery import current_app
from django.db import transaction

from finops.actions import cube
from finops.actions.log_sync import REGION_TASK
from finops.models import CubeDay, LogObject, OwnerDay, SpendDay, UsageHour
from hub.models import AccountRegion, Price
from portal.jobs.outbox import enqueue
from portal.local.stack import Stack
from tests.cast import make_cast
from tests.conftest import CommittedDatabase
from tests.faults.harness import Hit, finish, kill_at_work, machine, until
from tests.faults.logs import FIRST_HOUR, LINES, MODEL, contents, deliver, found, logging_place
from tests.hub.conftest import DEV, PROD

OBJECTS = 560
KILLS_ANYWHERE, KILLS_BEFORE_COMMIT, KILLS_OF_THE_CUBE = 7, 3, 2


@pytest.fixture
def database(committed_database: CommittedDatabase, monkeypatch: pytest.MonkeyPatch) -> CommittedDatabase:
    """A database whose processes make a sandbox of their own, and to whose broker this test sends."""
    monkeypatch.setattr(current_app.conf, "broker_write_url", committed_database.environ["BROKER_URL"])
    monkeypatch.setattr(current_app.amqp, "_producer_pool", None)
    given = {name: value for name, value in committed_database.environ.items() if not name.startswith("AWS_")}
    return replace(committed_database, environ=given)


def fill(stack: Stack, account: str, use_case: str) -> AccountRegion:
    """An account that trusts Atrium, with its bucket of logs."""
    url = stack.environ["AWS_ENDPOINT_URL"]
    place = logging_place(url, account)
    deliver(url, place, contents(account, use_case, OBJECTS))
    return place


def read_logs(place: AccountRegion) -> None:
    with transaction.atomic():
        enqueue(REGION_TASK, place.pk)


@contextmanager
def day_held(database: CommittedDatabase, statement: str) -> Iterator[Callable[[], bool]]:
    """Hold the row of the first day. Yields whether a statement that begins so waits for it: whoever adds usage to a
    day updates its row last, whoever builds its cube selects it."""
    url = database.environ["DATABASE_URL"]
    waiting = "SELECT count(*) FROM pg_stat_activity WHERE datname = %s AND wait_event_type = 'Lock' AND query LIKE %s"
    with psycopg.connect(url, autocommit=True) as looking, psycopg.connect(url) as holding:
        holding.execute("SELECT FROM finops_cubeday WHERE day = %s FOR UPDATE", [FIRST_HOUR.date()])

        def somebody_waits() -> bool:
            found = looking.execute(waiting, [database.name, f"{statement}%cubeday%"]).fetchone()
            return bool(found and found[0])

        yield somebody_waits
        holding.rollback()


def counted(place: AccountRegion) -> int:
    return LogObject.objects.filter(account=place.account.number).count()


def kill_anywhere(stack: Stack, place: AccountRegion, number: int) -> Hit:
    """Kill once so many objects are counted, wherever the worker then is."""
    enough = number * OBJECTS // (KILLS_ANYWHERE + KILLS_BEFORE_COMMIT + 4)
    hit = kill_at_work(stack, name=REGION_TASK, when=lambda: counted(place) >= enough)
    assert counted(place) < OBJECTS
    return hit


def kill_before_commit(stack: Stack, place: AccountRegion, database: CommittedDatabase) -> Hit:
    """Kill while a batch has added everything and is not committed: nothing of it may stay."""
    with day_held(database, "UPDATE") as somebody_waits:
        hit = kill_at_work(stack, name=REGION_TASK, when=somebody_waits)
        assert counted(place) < OBJECTS
    return hit


def kill_cube(stack: Stack, database: CommittedDatabase) -> Hit:
    """Kill while the newer day is built and the older one is not."""
    with day_held(database, "SELECT") as somebody_waits:
        return kill_at_work(stack, name="finops.build_cube", when=somebody_waits)


def cube_is_built() -> bool:
    return all(day.built == day.version for day in CubeDay.objects.all())


def test_a_worker_killed_again_and_again_counts_what_one_counts_that_was_left_alone(
    database: CommittedDatabase,
) -> None:
    use_case = make_cast().call_summary
    for token_class, rate in (("input", "1.05"), ("output", "4.20")):
        Price.objects.create(
            model_id=MODEL, token_class=token_class, usd_per_million=Decimal(rate), source="test",
            since=datetime(2026, 1, 1, tzinfo=UTC),
        )  # fmt: skip
    with machine(database, ("sandbox", "worker", "sweeper")) as stack:
        read_logs(fill(stack, DEV, str(use_case.uid)))
        until(cube_is_built, "the cube is built")
        finish(stack)

        place = fill(stack, PROD, str(use_case.uid))
        read_logs(place)
        hits = []
        for number in range(1, KILLS_ANYWHERE + KILLS_BEFORE_COMMIT + 1):
            whole = number % 3
            hits.append(kill_anywhere(stack, place, number) if whole else kill_before_commit(stack, place, database))
        finish(stack)
        until(cube_is_built, "the cube is built")
        cube.mark_from(FIRST_HOUR)
        hits += [kill_cube(stack, database) for _ in range(KILLS_OF_THE_CUBE)]
        until(cube_is_built, "the cube is built")
        finish(stack)

    # Every kill took another claim away from a worker that was at work.
    assert len({(hit.job, hit.attempt) for hit in hits}) == KILLS_ANYWHERE + KILLS_BEFORE_COMMIT + KILLS_OF_THE_CUBE
    undisturbed, killed = found(DEV), found(PROD)
    assert {what: len(rows) for what, rows in undisturbed.items()} == {
        "ledger": OBJECTS, "bad lines": 1, "hours": 24, "spend": 8,
    }  # fmt: skip
    assert killed == undisturbed
    requests = sum(UsageHour.objects.filter(dim__account=PROD).values_list("requests", flat=True))
    assert requests == LINES * (OBJECTS - 1)
    assert sum(SpendDay.objects.filter(account=PROD).values_list("requests", flat=True)) == requests
    assert sum(OwnerDay.objects.values_list("requests", flat=True)) == 2 * requests
