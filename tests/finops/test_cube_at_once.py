"""A day of the cube that is built while usage arrives."""

from concurrent.futures import ThreadPoolExecutor

import psycopg
from django.db import connection

from finops.actions import cube
from finops.models import CubeDay, SpendDay
from tests.conftest import CommittedDatabase
from tests.faults.harness import until
from tests.finops.log_objects import made, record

DAY = "2026-10-05"
WAITS = "SELECT count(*) FROM pg_stat_activity WHERE datname = %s AND wait_event_type = 'Lock'"


def build() -> None:
    try:
        cube.build_marked()
    finally:
        connection.close()


def test_usage_that_commits_while_its_day_is_built_is_not_missed(committed_database: CommittedDatabase) -> None:
    from finops.actions.ingest import load

    load([made("first", record(1), record(2))])
    url = committed_database.environ["DATABASE_URL"]
    with (
        ThreadPoolExecutor(1) as pool,
        psycopg.connect(url) as holding,
        psycopg.connect(url, autocommit=True) as looking,
    ):
        holding.execute("SELECT FROM finops_cubeday WHERE day = %s FOR UPDATE", [DAY])
        building = pool.submit(build)
        until(lambda: looking.execute(WAITS, [committed_database.name]).fetchone() == (1,), "the builder waits")
        # The day is summed by now. What a loader adds in its transaction, it adds together with the version.
        holding.execute("UPDATE finops_usagehour SET requests = requests + 5 WHERE requests > 0")
        holding.execute("UPDATE finops_cubeday SET version = version + 1 WHERE day = %s", [DAY])
        holding.commit()
        building.result()
    assert sum(SpendDay.objects.values_list("requests", flat=True)) == 2
    marked = CubeDay.objects.get()
    assert marked.built == marked.version - 1, "the day is still marked"
    cube.build_marked()
    assert sum(SpendDay.objects.values_list("requests", flat=True)) == 12


def test_loaders_are_not_kept_waiting_while_a_day_is_summed(committed_database: CommittedDatabase) -> None:
    from finops.actions.ingest import load

    load([made("first", record(1))])
    url = committed_database.environ["DATABASE_URL"]
    with (
        ThreadPoolExecutor(1) as pool,
        psycopg.connect(url) as holding,
        psycopg.connect(url, autocommit=True) as looking,
    ):
        holding.execute("LOCK TABLE finops_usagehandle IN ACCESS EXCLUSIVE MODE")  # the builder reads handles
        building = pool.submit(build)
        until(lambda: looking.execute(WAITS, [committed_database.name]).fetchone() == (1,), "the builder waits")
        assert load([made("second", record(2))]).records == 1
        holding.rollback()
        building.result()
    cube.build_marked()
    assert sum(SpendDay.objects.values_list("requests", flat=True)) == 2
