"""What syncs and jobs tell the pages: runs, reports, readiness, and what a person may do."""

import ast
from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from pytest_django import DjangoAssertNumQueries, Settings

from portal import health
from portal.jobs import actions, reports, syncs, worker
from portal.jobs.claims import claim
from portal.jobs.models import Job, SyncRun
from portal.jobs.outbox import enqueue
from portal.jobs.registry import TASKS
from portal.jobs.syncs import running
from portal.lib import clock
from portal.lib.errors import Refused
from portal.local.ground import ROOT
from tests.portal.conftest import Declare

PENDING, CLAIMED, DONE, DEAD, REPLACED = Job.State.values
RUNNING, ENDED, PARTIAL, FAILED = SyncRun.State.values


def nothing(argument: int | None) -> None:
    """A handler that has nothing to do."""


# Runs


@pytest.mark.django_db
def test_a_sync_tells_how_far_it_is_and_what_it_stored(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(syncs, "PROGRESS_EVERY_S", 0.0)
    window = (clock.now() - timedelta(days=1), clock.now())
    with running("invocation_logs", scope="447100000212/eu-central-1", window=window) as run:
        run.rows += 40
        run.progress(2, 5)
        seen = SyncRun.objects.get()
    assert (seen.state, seen.done, seen.total, seen.rows) == (RUNNING, 2, 5, 40)
    assert (seen.window_from, seen.window_to) == window
    ended = SyncRun.objects.get()
    assert (ended.state, ended.rows, ended.error) == (ENDED, 40, "")
    assert ended.finished_at


@pytest.mark.django_db
def test_a_sync_that_raises_is_failed_with_its_error_in_words() -> None:
    def sync() -> None:
        with running("catalogue", scope="eu-west-1"):
            raise Refused("AWS did not let Atrium assume its role.")

    with pytest.raises(Refused):
        sync()
    assert SyncRun.objects.values_list("state", "error").get() == (FAILED, "AWS did not let Atrium assume its role.")


@pytest.mark.django_db
def test_a_sync_that_left_something_out_is_done_in_part_with_the_reason() -> None:
    with running("catalogue", scope="eu-west-1") as run:
        run.partial("3 of 400 objects could not be read.")
    assert SyncRun.objects.values_list("state", "error").get() == (PARTIAL, "3 of 400 objects could not be read.")


@pytest.mark.django_db
def test_a_sync_whose_job_was_lost_is_failed(declare: Declare) -> None:
    job = claim(enqueue(declare(nothing)).pk)
    run = SyncRun.objects.create(kind="catalogue", scope="eu-west-1", job=job)
    assert syncs.fail_abandoned() == 0
    Job.objects.update(state=PENDING)
    assert syncs.fail_abandoned() == 1
    run.refresh_from_db()
    assert (run.state, run.error) == (FAILED, syncs.DIED)


@pytest.mark.django_db
def test_a_sync_that_runs_again_ends_the_run_of_its_lost_attempt(declare: Declare) -> None:
    def sync(argument: int | None) -> None:
        with running("catalogue", scope="eu-west-1"):
            pass

    job = enqueue(declare(sync))
    SyncRun.objects.create(kind="catalogue", scope="eu-west-1", job=job)
    worker.work(job.pk)
    assert list(SyncRun.objects.order_by("pk").values_list("state", flat=True)) == [FAILED, ENDED]


@pytest.mark.django_db
def test_a_sync_of_a_job_that_ended_just_now_is_not_taken_for_dead(declare: Declare, settings: Settings) -> None:
    job = enqueue(declare(nothing))
    SyncRun.objects.create(kind="catalogue", scope="eu-west-1", job=job)
    Job.objects.update(state=DONE, finished_at=clock.wall())
    assert syncs.fail_abandoned() == 0
    Job.objects.update(finished_at=clock.wall() - timedelta(seconds=settings.JOB_CLAIM_SECONDS + 1))
    assert syncs.fail_abandoned() == 1


@pytest.mark.django_db
def test_a_sync_outside_any_job_is_dead_after_a_long_silence() -> None:
    SyncRun.objects.create(kind="catalogue", scope="one", seen_at=clock.wall() - timedelta(minutes=59))
    SyncRun.objects.create(kind="catalogue", scope="two", seen_at=clock.wall() - timedelta(minutes=61))
    assert syncs.fail_abandoned() == 1
    assert SyncRun.objects.get(state=FAILED).scope == "two"


# Reports


@pytest.mark.django_db
def test_the_age_of_data_is_that_of_the_last_run_that_brought_some(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    now = clock.now()
    for hours, state in ((5, ENDED), (3, PARTIAL), (1, FAILED)):
        at = now - timedelta(hours=hours)
        SyncRun.objects.create(kind="catalogue", scope="one", state=state, started_at=at, finished_at=at)
    SyncRun.objects.create(kind="catalogue", scope="two", state=FAILED, started_at=now, finished_at=now)
    with django_assert_num_queries(2), clock.set_to(now):
        one, two = reports.syncs()
        assert (one.newest.state, one.age) == (FAILED, timedelta(hours=3))
        assert (two.newest.state, two.age) == (FAILED, None)
    assert reports.sync("catalogue", "one") == one
    assert reports.sync("catalogue", "three") is None
    assert reports.syncs("invocation_logs") == []


@pytest.mark.django_db
def test_counts_name_every_state_and_the_longest_wait_is_measured(declare: Declare) -> None:
    assert reports.longest_wait() == timedelta()
    name = declare(nothing)
    oldest = enqueue(name, 1)
    Job.objects.filter(pk=oldest.pk).update(not_before=clock.wall() - timedelta(hours=2))
    enqueue(name, 2)
    assert claim(enqueue(name, 3).pk)
    assert reports.counts() == {PENDING: 2, CLAIMED: 1, DONE: 0, DEAD: 0, REPLACED: 0}
    assert reports.waiting()[0] == oldest
    assert timedelta(hours=2) <= reports.longest_wait() < timedelta(hours=3)


@pytest.mark.django_db
def test_the_schedule_shows_each_task_with_its_newest_job(declare: Declare) -> None:
    name = declare(nothing, name="tests.hourly", every=3600)
    first, second = enqueue(name, 1), enqueue(name, 2)
    assert first.pk != second.pk
    found = {line.name: line for line in reports.schedules()}
    assert (found[name].every, found[name].job) == (3600, second)
    assert found["jobs.canary"].job is None


# What a person may do


@pytest.mark.django_db
def test_a_dead_job_can_be_revived_with_all_its_attempts(declare: Declare) -> None:
    job = enqueue(declare(nothing))
    Job.objects.update(state=DEAD, failures=8, attempt=8, error="broken", finished_at=clock.wall())
    revived = actions.revive(job)
    assert (revived.state, revived.failures, revived.attempt) == (PENDING, 0, 8)
    worker.work(job.pk)
    job.refresh_from_db()
    assert job.state == DONE


@pytest.mark.django_db
def test_a_job_that_is_not_dead_cannot_be_revived(declare: Declare) -> None:
    with pytest.raises(Refused, match="not dead any more"):
        actions.revive(enqueue(declare(nothing)))


@pytest.mark.django_db
def test_a_dead_job_is_not_revived_beside_one_that_waits(declare: Declare) -> None:
    name = declare(nothing)
    dead = enqueue(name)
    Job.objects.update(state=DEAD)
    enqueue(name)
    with pytest.raises(Refused, match="newer job waits already"):
        actions.revive(dead)


@pytest.mark.django_db
def test_a_scheduled_task_runs_now_even_while_it_waits_after_a_failure(declare: Declare) -> None:
    name = declare(nothing, name="tests.hourly", every=3600)
    job = enqueue(name)
    Job.objects.update(failures=3, not_before=clock.wall() + timedelta(hours=1))
    assert actions.run_now(name).pk == job.pk
    assert claim(job.pk)


@pytest.mark.django_db
def test_what_is_on_no_schedule_cannot_be_run_now(declare: Declare) -> None:
    for name in (declare(nothing), "tests.unheard_of"):
        with pytest.raises(Refused, match="on the schedule"):
            actions.run_now(name)


# Readiness


@pytest.mark.django_db
def test_a_portal_whose_canary_finished_just_now_is_ready(client: Client) -> None:
    job = enqueue("jobs.canary")
    worker.work(job.pk)
    answer = client.get("/readyz")
    assert answer.status_code == 200
    assert answer.json()["parts"]["jobs"] == {"ok": True, "reason": "The last canary job finished 0 seconds ago."}


@pytest.mark.django_db
def test_a_portal_without_a_young_canary_is_not_ready_and_says_why(client: Client) -> None:
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert "No canary job has finished yet" in answer.json()["parts"]["jobs"]["reason"]
    worker.work(enqueue("jobs.canary").pk)
    Job.objects.update(finished_at=clock.wall() - timedelta(seconds=61))
    health.looked.forget()
    assert client.get("/readyz").status_code == 503


@pytest.mark.django_db
@pytest.mark.usefixtures("broker_away")
def test_a_broker_that_is_away_is_told_and_does_not_count(client: Client) -> None:
    worker.work(enqueue("jobs.canary").pk)
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()["parts"]["broker"]["ok"]) == (200, False)


@pytest.mark.usefixtures("committed_database")
def test_a_database_that_is_away_is_told_as_a_reason(client: Client) -> None:
    connection.close()
    right = connection.settings_dict["NAME"]
    connection.settings_dict["NAME"] = "nowhere"
    try:
        answer = client.get("/readyz")
    finally:
        connection.settings_dict["NAME"] = right
    assert answer.status_code == 503
    assert "does not answer (OperationalError)" in answer.json()["parts"]["database"]["reason"]


def test_a_process_that_answers_is_healthy(client: Client) -> None:
    assert client.get("/healthz").json() == {"ok": True}


# Names


def enqueued_names(source: str) -> Iterator[str]:
    """The literal first arguments of `enqueue(…)` and `run_now(…)` in a piece of Python."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Constant):
            called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            if called in {"enqueue", "run_now"}:
                yield str(node.args[0].value)


def test_each_name_that_is_enqueued_is_registered() -> None:
    packages = ("portal", "governance", "hub", "finops")
    files = [path for package in packages for path in (ROOT / package).rglob("*.py")]
    missing = [
        f"{path.relative_to(ROOT)}: {name}"
        for path in files
        for name in enqueued_names(path.read_text())
        if name not in TASKS
    ]
    assert missing == []


def test_the_search_for_enqueued_names_sees_both_ways_of_calling() -> None:
    source = 'enqueue("a.b", 1)\noutbox.enqueue("c.d")\nactions.run_now("e.f")\nenqueue(name)\nother("g.h")'
    assert list(enqueued_names(source)) == ["a.b", "c.d", "e.f"]
