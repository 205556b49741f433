"""The outbox: putting work in, claiming it, and how it ends."""

from datetime import timedelta
from threading import Barrier
from typing import Any

import pytest
from django.db import connection, transaction
from pytest_django import DjangoCaptureOnCommitCallbacks, Settings

from portal.jobs import outcomes, worker
from portal.jobs.claims import claim, current, end, fenced, mine, renew
from portal.jobs.errors import ClaimLost, Permanent
from portal.jobs.heartbeat import beating
from portal.jobs.models import Job
from portal.jobs.outbox import enqueue
from portal.lib import clock, request_id
from tests.portal.conftest import Declare, in_threads, sent

PENDING, CLAIMED, DONE, DEAD, REPLACED = Job.State.values


def nothing(argument: int | None) -> None:
    """A handler that has nothing to do."""


def expire(job: Job) -> None:
    """Let the claim of a job run out."""
    Job.objects.filter(pk=job.pk).update(claimed_until=clock.wall() - timedelta(seconds=1))


def make_due(job: Job) -> None:
    """Let the back-off of a job be over."""
    Job.objects.filter(pk=job.pk).update(not_before=clock.wall())


def state_of(job: Job) -> str:
    return Job.objects.get(pk=job.pk).state


# Putting in


@pytest.mark.django_db
def test_a_name_that_no_app_declared_is_refused() -> None:
    with pytest.raises(LookupError, match=r"No task is called tests\.unheard_of"):
        enqueue("tests.unheard_of")
    assert not Job.objects.exists()


@pytest.mark.django_db
def test_a_second_call_while_one_waits_returns_that_one(declare: Declare) -> None:
    name = declare(nothing)
    first = enqueue(name, 7)
    assert enqueue(name, 7).pk == first.pk
    assert enqueue(name, 8).pk != first.pk


@pytest.mark.django_db
def test_what_failed_before_does_not_delay_what_somebody_decided_anew(declare: Declare) -> None:
    name = declare(nothing)
    failed = enqueue(name, 7)
    later = clock.wall() + timedelta(minutes=10)
    Job.objects.filter(pk=failed.pk).update(failures=7, not_before=later)
    assert enqueue(name, 7).not_before == later
    again = enqueue(name, 7, afresh=True)
    assert (again.pk, again.failures) == (failed.pk, 0)
    assert again.not_before <= clock.wall()


@pytest.mark.django_db
def test_a_job_that_already_runs_does_not_count_as_waiting(declare: Declare) -> None:
    name = declare(nothing)
    first = enqueue(name, 7)
    assert claim(first.pk)
    assert enqueue(name, 7).pk != first.pk


@pytest.mark.django_db
def test_one_job_waits_for_a_key_whatever_its_name(declare: Declare) -> None:
    one, other = declare(nothing, name="tests.one"), declare(nothing, name="tests.other")
    assert enqueue(one, 1, key="account:5").pk == enqueue(other, 2, key="account:5").pk


@pytest.mark.django_db
def test_an_earlier_moment_wins_over_a_later_one(declare: Declare) -> None:
    name = declare(nothing)
    later = enqueue(name, 7, not_before=clock.wall() + timedelta(hours=1))
    assert claim(later.pk) is None
    assert enqueue(name, 7).pk == later.pk
    assert claim(later.pk)


@pytest.mark.django_db
def test_asking_again_does_not_shorten_the_wait_of_a_job_that_failed(declare: Declare) -> None:
    name = declare(nothing)
    job = enqueue(name, 7)
    claimed = claim(job.pk)
    assert claimed
    outcomes.put_back(claimed, "broken", failures=1, not_before=clock.wall() + timedelta(hours=1))
    assert enqueue(name, 7).not_before > clock.wall() + timedelta(minutes=59)


@pytest.mark.django_db
def test_a_job_carries_the_request_id_of_the_page_that_caused_it(declare: Declare) -> None:
    seen: list[str] = []
    name = declare(lambda argument: seen.append(request_id.current()))
    with request_id.running("page-1"):
        job = enqueue(name)
    worker.work(job.pk)
    assert seen == ["page-1"]


@pytest.mark.django_db
def test_a_job_without_a_page_runs_under_its_own_id(declare: Declare) -> None:
    seen: list[str] = []
    job = enqueue(declare(lambda argument: seen.append(request_id.current())))
    worker.work(job.pk)
    assert seen == [str(job.uid)]


@pytest.mark.usefixtures("committed_database")
def test_a_rollback_takes_the_job_with_it(declare: Declare) -> None:
    class Trouble(Exception):
        pass

    def change() -> None:
        with transaction.atomic():
            enqueue(declare(nothing))
            raise Trouble

    with pytest.raises(Trouble):
        change()
    assert not Job.objects.exists()


@pytest.mark.usefixtures("committed_database")
def test_a_worker_cannot_take_a_job_whose_newest_reason_is_not_committed_yet(declare: Declare) -> None:
    """Else it would work from the state before that commit, and nothing would wait for the state after it."""
    job = enqueue(declare(nothing))
    with in_threads(1) as run:
        with transaction.atomic():
            assert enqueue(job.name).pk == job.pk
            assert run(lambda: claim(job.pk)) == [None]
        [claimed] = run(lambda: claim(job.pk))
    assert claimed.pk == job.pk


@pytest.mark.django_db
@pytest.mark.usefixtures("broker_away")
def test_work_is_accepted_without_a_broker_and_marked_to_be_sent(
    declare: Declare, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        job = enqueue(declare(nothing))
    job.refresh_from_db()
    assert (job.state, job.sent_at) == (PENDING, None)


@pytest.mark.django_db
def test_a_commit_sends_the_id_of_the_job_to_the_broker(
    declare: Declare, messages: Any, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        job = enqueue(declare(nothing))
    assert sent(messages) == [job.pk]
    assert Job.objects.get(pk=job.pk).sent_at is not None


# Claims


@pytest.mark.usefixtures("committed_database")
def test_two_workers_cannot_claim_one_job(declare: Declare) -> None:
    job = enqueue(declare(nothing))
    together = Barrier(4)

    def compete() -> Job | None:
        together.wait()
        return claim(job.pk)

    with in_threads(4) as run:
        claimed = [won for won in run(compete) if won]
    assert [won.attempt for won in claimed] == [1]


@pytest.mark.usefixtures("committed_database")
def test_two_jobs_of_one_key_never_run_together(declare: Declare) -> None:
    name = declare(nothing)
    first = enqueue(name)
    assert claim(first.pk)
    second = enqueue(name)
    assert claim(second.pk) is None
    with connection.cursor() as cursor:  # also when both are claimed in the same moment, which only the index sees
        cursor.execute("SELECT indexdef FROM pg_indexes WHERE indexname = 'job_runs_once_a_key'")
        assert "UNIQUE" in cursor.fetchone()[0]


@pytest.mark.django_db
def test_a_claim_that_ran_out_is_taken_over_and_counted_as_a_loss(declare: Declare) -> None:
    job = enqueue(declare(nothing))
    assert claim(job.pk)
    assert claim(job.pk) is None
    expire(job)
    again = claim(job.pk)
    assert again
    assert (again.attempt, again.losses, again.failures) == (2, 1, 0)


@pytest.mark.django_db
def test_a_worker_that_lost_its_claim_can_write_nothing(declare: Declare) -> None:
    job = enqueue(declare(nothing))
    old = claim(job.pk)
    assert old
    expire(job)
    assert claim(job.pk)
    assert not renew(old)
    assert not end(old)
    for write in (outcomes.finish, outcomes.lose):
        with pytest.raises(ClaimLost):
            write(old)
    assert state_of(job) == CLAIMED


@pytest.mark.django_db
def test_what_a_fenced_block_wrote_is_undone_when_the_claim_was_lost(declare: Declare) -> None:
    reached: list[str] = []

    def slow(argument: int | None) -> None:
        running = current()
        assert running
        expire(running)
        assert claim(running.pk)  # another worker takes over while this one was busy elsewhere
        with fenced():
            reached.append("inside")

    job = enqueue(declare(slow))
    worker.work(job.pk)
    assert reached == []
    job.refresh_from_db()
    assert (job.state, job.attempt, job.failures) == (CLAIMED, 2, 0)


@pytest.mark.usefixtures("committed_database")
def test_nobody_takes_a_job_over_during_its_fenced_writes(declare: Declare) -> None:
    taken: list[Any] = []

    def write(argument: int | None) -> None:
        running = current()
        assert running
        expire(running)
        with fenced(), in_threads(1) as run:
            taken.extend(run(lambda: claim(running.pk)))

    job = enqueue(declare(write))
    worker.work(job.pk)
    assert taken == [None]
    assert state_of(job) == DONE


@pytest.mark.django_db
def test_the_effect_and_the_end_of_a_job_can_be_one_commit(declare: Declare) -> None:
    seen: list[str] = []

    def write(argument: int | None) -> None:
        with fenced(final=True):
            pass
        seen.append(state_of(job))

    job = enqueue(declare(write))
    worker.work(job.pk)
    assert seen == [DONE]
    assert state_of(job) == DONE


@pytest.mark.django_db
def test_outside_a_job_a_fenced_block_is_a_plain_transaction(declare: Declare) -> None:
    class Trouble(Exception):
        pass

    def change() -> None:
        with fenced():
            enqueue(declare(nothing))
            raise Trouble

    with pytest.raises(Trouble):
        change()
    assert not Job.objects.exists()


@pytest.mark.usefixtures("committed_database")
def test_the_heartbeat_moves_the_end_of_the_claim(declare: Declare, settings: Settings) -> None:
    settings.JOB_HEARTBEAT_SECONDS = 0.01
    job = claim(enqueue(declare(nothing)).pk)
    assert job
    assert job.claimed_until
    with beating(job):
        while not Job.objects.filter(pk=job.pk, claimed_until__gt=job.claimed_until).exists():
            pass
    assert mine(job).exists()


# Ends


@pytest.mark.django_db
def test_a_job_that_returns_is_done(declare: Declare) -> None:
    seen: list[int | None] = []
    job = enqueue(declare(seen.append), 42)
    worker.work(job.pk)
    worker.work(job.pk)  # the broker may deliver a message twice
    job.refresh_from_db()
    assert seen == [42]
    assert (job.state, job.error, job.claimed_until) == (DONE, "", None)
    assert job.finished_at


@pytest.mark.django_db
def test_a_failure_is_told_in_words_and_tried_again_later(declare: Declare) -> None:
    def broken(argument: int | None) -> None:
        raise ValueError("the price list is empty")

    job = enqueue(declare(broken))
    worker.work(job.pk)
    job.refresh_from_db()
    assert (job.state, job.failures, job.sent_at) == (PENDING, 1, None)
    assert job.error.startswith("ValueError: the price list is empty (portal.jobs.worker._attempt, line ")


@pytest.mark.django_db
def test_a_job_is_dead_after_its_attempts(declare: Declare) -> None:
    def broken(argument: int | None) -> None:
        raise ValueError("still broken")

    job = enqueue(declare(broken, max_attempts=3))
    states = []
    for _ in range(4):
        make_due(job)
        worker.work(job.pk)
        states.append(state_of(job))
    assert states == [PENDING, PENDING, DEAD, DEAD]
    job.refresh_from_db()
    assert (job.attempt, job.failures) == (3, 3)
    assert "still broken" in job.error


@pytest.mark.django_db
def test_a_permanent_error_ends_a_job_at_once_with_its_sentence(declare: Declare) -> None:
    def hopeless(argument: int | None) -> None:
        raise Permanent("The account 447100000212 was closed.")

    job = enqueue(declare(hopeless))
    worker.work(job.pk)
    job.refresh_from_db()
    assert (job.state, job.error) == (DEAD, "The account 447100000212 was closed.")


@pytest.mark.django_db
def test_a_job_of_a_name_that_this_release_lacks_waits_for_one_that_has_it(
    declare: Declare, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = enqueue(declare(nothing))
    Job.objects.filter(pk=job.pk).update(name="tests.of_the_next_release")
    worker.work(job.pk)
    job.refresh_from_db()
    assert (job.state, job.failures) == (PENDING, 1)
    assert "No task is called tests.of_the_next_release" in job.error


@pytest.mark.django_db
def test_a_job_that_failed_leaves_its_work_to_a_newer_one(declare: Declare) -> None:
    newer: list[Job] = []

    def broken(argument: int | None) -> None:
        newer.append(enqueue(job.name))
        raise ValueError("broken")

    job = enqueue(declare(broken))
    worker.work(job.pk)
    assert state_of(job) == REPLACED
    assert state_of(newer[0]) == PENDING


@pytest.mark.django_db
def test_a_job_that_kills_its_workers_ends_some_day(declare: Declare) -> None:
    job = enqueue(declare(nothing, max_attempts=2))
    lost = 0
    while (claimed := claim(job.pk)) is not None:
        outcomes.lose(claimed)
        lost += 1
    job.refresh_from_db()
    assert (job.state, job.losses, lost) == (DEAD, 10, 10)
    assert "died or was cut off 10 times" in job.error


def test_the_wait_grows_with_each_failure_to_a_limit_and_is_spread(settings: Settings) -> None:
    settings.JOB_RETRY_SECONDS = 5
    for failures, ceiling in ((1, 5), (2, 10), (5, 80), (8, 600), (60, 600)):
        waits = [outcomes.back_off(failures).total_seconds() for _ in range(200)]
        assert 0 <= min(waits) < ceiling * 0.25
        assert ceiling * 0.75 < max(waits) <= ceiling


@pytest.mark.django_db
def test_the_end_of_a_job_wakes_the_one_that_waited_for_its_key(declare: Declare, messages: Any) -> None:
    second: list[Job] = []
    job = enqueue(declare(lambda argument: second.append(enqueue("tests.work", argument))), 7)
    worker.work(job.pk)
    assert sent(messages) == [second[0].pk]


@pytest.mark.usefixtures("committed_database")
def test_a_database_that_cuts_the_connection_fails_the_attempt_and_not_the_worker(declare: Declare) -> None:
    def cut_off(argument: int | None) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")

    job = enqueue(declare(cut_off))
    worker.run(job.pk)
    job.refresh_from_db()
    assert (job.state, job.failures) == (PENDING, 1)
    assert "OperationalError" in job.error
