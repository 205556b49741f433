"""A worker killed again and again while it reads invocation logs: the same totals as one that was left alone.

Both workers read the same records, each from the bucket of another account of one sandbox.
"""

import gzip
import json
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import boto3
import psycopg
import pytest
from celery import current_app
from django.db import transaction

from finops.actions import cube
from finops.actions.log_sync import REGION_TASK
from finops.ingest.keys import hour_prefix, region_prefix
from finops.models import BadLine, CubeDay, LogObject, OwnerDay, SpendDay, UsageHour
from hub.models import AccountRegion, Price
from portal.jobs.outbox import enqueue
from portal.local.stack import Stack
from tests.cast import make_cast
from tests.conftest import CommittedDatabase
from tests.faults.harness import Hit, finish, kill_at_work, machine, until
from tests.hub.conftest import DEV, PROD, an_account, install_stack

REGION, MODEL = "eu-central-1", "amazon.nova-pro-v1:0"
FIRST_HOUR = datetime(2026, 10, 5, 22, tzinfo=UTC)  # the records lie on two days
OBJECTS, LINES = 560, 6
KILLS_ANYWHERE, KILLS_BEFORE_COMMIT, KILLS_OF_THE_CUBE = 7, 3, 2


@pytest.fixture
def database(committed_database: CommittedDatabase, monkeypatch: pytest.MonkeyPatch) -> CommittedDatabase:
    """A database whose processes make a sandbox of their own, and to whose broker this test sends."""
    monkeypatch.setattr(current_app.conf, "broker_write_url", committed_database.environ["BROKER_URL"])
    monkeypatch.setattr(current_app.amqp, "_producer_pool", None)
    given = {name: value for name, value in committed_database.environ.items() if not name.startswith("AWS_")}
    return replace(committed_database, environ=given)


def record(account: str, number: int, use_case: str) -> str:
    at = FIRST_HOUR + timedelta(hours=number % 4, seconds=number % 3000)
    return json.dumps(
        {
            "timestamp": f"{at:%Y-%m-%dT%H:%M:%SZ}", "accountId": account, "region": REGION,
            "requestId": f"request-{number}", "operation": "Converse", "modelId": MODEL,
            "identity": {"arn": f"arn:aws:sts::{account}:assumed-role/app-{number % 3}/fn"},
            "requestMetadata": {"use_case": use_case if number % 5 < 2 else ""},
            "input": {"inputTokenCount": number},
            "output": {"outputTokenCount": 10, "outputBodyJson": {"metrics": {"latencyMs": number % 900}}},
        }
    )  # fmt: skip


def contents(account: str, use_case: str) -> Iterator[tuple[str, bytes]]:
    """(key, bytes) of every object; one is cut off and one has a line that is no record."""
    root = region_prefix("", account, REGION)
    for number in range(OBJECTS):
        hour = FIRST_HOUR + timedelta(hours=4 * number // OBJECTS)
        lines = [record(account, LINES * number + line, use_case) for line in range(LINES)]
        packed = gzip.compress("\n".join(lines + ["{torn"] * (number == 77)).encode(), mtime=0)
        yield f"{hour_prefix(root, hour)}{number:05}.json.gz", packed[:-12] if number == 78 else packed


def fill(stack: Stack, account: str, use_case: str) -> AccountRegion:
    """An account that trusts Atrium, with its bucket of logs."""
    url = stack.environ["AWS_ENDPOINT_URL"]
    made = an_account(account, regions=[REGION])
    install_stack(url, made)
    key_id = f"AKIASANDBOXWORK{account[-5:]}"  # the account's own administrator
    keys = {"aws_access_key_id": key_id, "aws_secret_access_key": "sandbox"}
    bucket = f"atrium-bedrock-logs-{account}-{REGION}"
    s3 = boto3.client("s3", REGION, endpoint_url=url, **keys)
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda one: s3.put_object(Bucket=bucket, Key=one[0], Body=one[1]), contents(account, use_case)))
    # The catalogue's own schedule may have found the region meanwhile.
    known = {"logging_on": True, "logging_bucket": bucket}
    return AccountRegion.objects.update_or_create(account=made, region=REGION, defaults=known)[0]


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


def found(account: str) -> dict[str, list[Any]]:
    """All that is stored of an account's usage, as text in which its number is neutral."""
    ledger = LogObject.objects.filter(account=account)
    hours = UsageHour.objects.filter(dim__account=account).select_related("dim")
    known = {
        "ledger": ledger.values_list("key", "state", "records", "bad", "first_at", "last_at", "error"),
        "bad lines": BadLine.objects.filter(object__in=ledger).values_list("object__key", "number", "reason"),
        "hours": [_without(hour, "dim_id") | _without(hour.dim, "id") for hour in hours],
        "spend": [_without(day, "id") for day in SpendDay.objects.filter(account=account)],
    }
    return {what: sorted(str(row).replace(account, "ACCOUNT") for row in rows) for what, rows in known.items()}


def _without(row: Any, key: str) -> dict[str, Any]:
    return {name: value for name, value in vars(row).items() if name not in {"_state", key}}


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
