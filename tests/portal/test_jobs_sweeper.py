"""The sweeper: what it sends again, what it gives up, and the schedule."""

import os
import signal
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from threading import Barrier
from typing import Any

import pytest
from django.db import transaction

from portal.jobs import pruning, schedule
from portal.jobs.claims import claim, renew
from portal.jobs.models import Job, ScheduledSlot, SyncRun
from portal.jobs.outbox import enqueue
from portal.jobs.registry import TASKS
from portal.jobs.sweeper import sweep
from portal.lib import clock
from portal.local.ground import ROOT
from tests.conftest import CommittedDatabase
from tests.portal.conftest import Declare, in_threads, sent

PENDING, CLAIMED, DONE, DEAD, REPLACED = Job.State.values
LONG_AGO = timedelta(minutes=10)


def nothing(argument: int | None) -> None:
    """A handler that has nothing to do."""


@pytest.fixture
def no_schedule(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only what the test declares is on the schedule."""
    for name in [task.name for task in TASKS.values() if task.every]:
        monkeypatch.delitem(TASKS, name)


def change(job: Job, **values: Any) -> None:
    Job.objects.filter(pk=job.pk).update(**values)


pytestmark = pytest.mark.usefixtures("no_schedule")


@pytest.mark.django_db
def test_what_was_never_sent_is_sent(declare: Declare, messages: Any) -> None:
    job = enqueue(declare(nothing))
    change(job, sent_at=None)
    assert sweep()
    assert sent(messages) == [job.pk]
    assert Job.objects.get(pk=job.pk).sent_at


@pytest.mark.django_db
def test_a_message_that_was_lost_is_sent_again(declare: Declare, messages: Any) -> None:
    job = enqueue(declare(nothing))
    change(job, sent_at=clock.wall() - LONG_AGO)
    sweep()
    assert sent(messages) == [job.pk]


@pytest.mark.django_db
def test_a_message_that_still_waits_in_the_queue_is_not_sent_twice(declare: Declare, messages: Any) -> None:
    """A backlog would otherwise grow the queue with every sweep."""
    job = enqueue(declare(nothing))
    change(job, sent_at=None)
    sweep()
    change(job, sent_at=clock.wall() - LONG_AGO)
    sweep()
    assert sent(messages) == [job.pk]


@pytest.mark.django_db
def test_what_was_sent_a_moment_ago_or_is_not_due_is_left_alone(declare: Declare, messages: Any) -> None:
    enqueue(declare(nothing), 1)
    enqueue(declare(nothing), 2, not_before=clock.wall() + timedelta(hours=1))
    sweep()
    assert sent(messages) == []


@pytest.mark.django_db
def test_a_job_whose_key_runs_is_not_sent_yet(declare: Declare, messages: Any) -> None:
    name = declare(nothing)
    assert claim(enqueue(name).pk)
    change(enqueue(name), sent_at=None)
    sweep()
    assert sent(messages) == []


@pytest.mark.django_db
@pytest.mark.usefixtures("broker_away")
def test_without_a_broker_everything_stays_to_be_sent(declare: Declare) -> None:
    for argument in range(3):
        change(enqueue(declare(nothing), argument), sent_at=None)
    assert sweep()
    assert set(Job.objects.values_list("state", "sent_at")) == {(PENDING, None)}


@pytest.mark.django_db
def test_a_claim_that_ran_out_waits_again_behind_its_fence(declare: Declare, messages: Any) -> None:
    job = enqueue(declare(nothing))
    old = claim(job.pk)
    assert old
    change(job, claimed_until=clock.wall() - timedelta(seconds=1))
    sweep()
    job.refresh_from_db()
    assert (job.state, job.attempt, job.losses, job.failures) == (PENDING, 1, 1, 0)
    assert not renew(old)
    sweep()
    assert sent(messages) == [job.pk]


@pytest.mark.django_db
def test_a_lost_job_is_left_to_the_newer_one_that_waits(declare: Declare, messages: Any) -> None:
    name = declare(nothing)
    job = enqueue(name)
    assert claim(job.pk)
    newer = enqueue(name)
    change(job, claimed_until=clock.wall() - timedelta(seconds=1))
    sweep()
    assert list(Job.objects.order_by("pk").values_list("pk", "state")) == [(job.pk, REPLACED), (newer.pk, PENDING)]


@pytest.mark.usefixtures("committed_database")
def test_a_job_that_somebody_holds_locked_does_not_stop_the_sweep(declare: Declare, messages: Any) -> None:
    declare(nothing, name="tests.every_minute", every=60)
    job = enqueue(declare(nothing))
    assert claim(job.pk)
    change(job, claimed_until=clock.wall() - timedelta(seconds=1))
    with transaction.atomic(), in_threads(1) as run:
        Job.objects.select_for_update().get(pk=job.pk)
        assert run(sweep) == [True]
    assert Job.objects.get(pk=job.pk).state == CLAIMED
    assert ScheduledSlot.objects.count() == 1


@pytest.mark.usefixtures("committed_database")
def test_a_schedule_whose_job_somebody_holds_locked_is_filled_later(declare: Declare, messages: Any) -> None:
    name = declare(nothing, name="tests.every_minute", every=60)
    with transaction.atomic(), in_threads(1) as run:
        enqueue(name)
        assert run(sweep) == [True]
    assert not ScheduledSlot.objects.exists()
    sweep()
    assert ScheduledSlot.objects.count() == 1


# The schedule


@pytest.mark.usefixtures("committed_database")
def test_two_sweepers_make_one_job_of_a_slot(declare: Declare, messages: Any) -> None:
    declare(nothing, name="tests.daily", every=86_400)
    together = Barrier(4)

    def compete() -> bool:
        together.wait()
        return sweep()

    with in_threads(4) as run:
        swept = run(compete)
    assert True in swept
    assert ScheduledSlot.objects.count() == 1
    assert Job.objects.count() == 1


@pytest.mark.usefixtures("committed_database")
def test_the_database_refuses_a_slot_twice_even_without_the_lock(declare: Declare) -> None:
    declare(nothing, name="tests.daily", every=86_400)
    together = Barrier(4)

    def compete() -> int:
        together.wait()
        return schedule.fill()

    with in_threads(4) as run:
        assert sum(run(compete)) == 1
    assert Job.objects.count() == 1


@pytest.mark.django_db
def test_slots_that_were_missed_are_not_made_up_for(declare: Declare) -> None:
    name = declare(nothing, name="tests.hourly", every=3600)
    job = enqueue(name)
    ScheduledSlot.objects.create(schedule=name, slot=schedule.slot_of(clock.wall() - timedelta(days=1), 3600), job=job)
    assert schedule.fill() == 1
    assert schedule.fill() == 0
    assert ScheduledSlot.objects.count() == 2


@pytest.mark.django_db
def test_the_schedule_follows_the_machine_and_not_the_business_clock(declare: Declare) -> None:
    declare(nothing, name="tests.hourly", every=3600)
    with clock.set_to(datetime(2020, 1, 1, tzinfo=UTC)):
        schedule.fill()
    assert schedule.fill() == 0


def test_slots_start_at_full_multiples_of_their_length() -> None:
    moment = datetime(2026, 11, 20, 9, 47, 31, 5, tzinfo=UTC)
    assert schedule.slot_of(moment, 20) == datetime(2026, 11, 20, 9, 47, 20, tzinfo=UTC)
    assert schedule.slot_of(moment, 3600) == datetime(2026, 11, 20, 9, tzinfo=UTC)
    assert schedule.slot_of(moment, 86_400) == datetime(2026, 11, 20, tzinfo=UTC)


# Forgetting


@pytest.mark.django_db
def test_what_is_over_is_forgotten_after_its_time(declare: Declare) -> None:
    name = declare(nothing)
    ages = {DONE: 31, DEAD: 91}
    for argument, (state, days) in enumerate(ages.items()):
        old, young = enqueue(name, argument), enqueue(name, 100 + argument)
        change(old, state=state, finished_at=clock.wall() - timedelta(days=days))
        change(young, state=state, finished_at=clock.wall() - timedelta(days=days - 2))
    waiting = enqueue(name, 999)
    change(waiting, created_at=clock.wall() - timedelta(days=900))
    assert pruning.prune() == 2
    assert set(Job.objects.values_list("argument", flat=True)) == {100, 101, 999}


@pytest.mark.django_db
def test_a_slot_that_lasts_is_never_forgotten(declare: Declare) -> None:
    """A monthly job whose slot was deleted would run a second time in that month."""
    month = 30 * 86_400
    name = declare(nothing, name="tests.monthly", every=month)
    schedule.fill()
    Job.objects.filter(name=name).update(state=DONE, finished_at=clock.wall() - timedelta(days=29))
    assert pruning.prune() == 0
    assert schedule.fill() == 0


@pytest.mark.django_db
def test_scheduled_jobs_are_forgotten_soon_with_their_slots(declare: Declare) -> None:
    name = declare(nothing, name="tests.often", every=20)
    schedule.fill()
    old = clock.wall() - timedelta(days=3)
    ScheduledSlot.objects.filter(schedule=name).update(slot=old)
    Job.objects.filter(name=name).update(state=DONE, finished_at=old)
    assert pruning.prune() == 2
    assert not Job.objects.exists()


@pytest.mark.django_db
def test_the_newest_sync_is_kept_however_old() -> None:
    old = clock.wall() - timedelta(days=400)
    for scope in ("one", "one", "two"):
        SyncRun.objects.create(kind="catalogue", scope=scope, state=SyncRun.State.DONE, seen_at=old)
    assert pruning.prune() == 1
    assert sorted(SyncRun.objects.values_list("scope", flat=True)) == ["one", "two"]


# The process


def test_the_command_sweeps_until_it_is_told_to_stop(committed_database: CommittedDatabase) -> None:
    command = [sys.executable, "manage.py", "sweeper"]
    environ = {**os.environ, **committed_database.environ}
    with subprocess.Popen(command, cwd=ROOT, env=environ, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        assert "sweeping" in process.stdout.readline()
        while not ScheduledSlot.objects.filter(schedule="jobs.canary").exists():
            assert process.poll() is None
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) == 0
