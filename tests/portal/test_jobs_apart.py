"""One thing that fails does not stop those after it."""

import pytest
from django.db import transaction

from governance.models import Tenant
from portal.jobs import worker
from portal.jobs.apart import NotAll, each
from portal.jobs.errors import ClaimLost
from portal.jobs.models import Job
from portal.jobs.outbox import enqueue
from tests.portal.conftest import Declare


def halved(number: int) -> int:
    if number % 2:
        raise ValueError(f"{number} is odd")
    return number // 2


@pytest.mark.django_db
def test_the_results_of_all_come_back_in_their_order() -> None:
    assert each([8, 2, 4], halved) == [4, 1, 2]
    assert each([], halved) == []


@pytest.mark.django_db
def test_those_after_a_failure_are_done_and_the_failed_are_named() -> None:
    done: list[int] = []

    def kept(number: int) -> None:
        halved(number)
        done.append(number)

    with pytest.raises(NotAll, match=r"^2 of 5 failed\. 1: ValueError: 1 is odd.*; 3: ValueError: 3 is odd"):
        each([1, 2, 3, 4, 6], kept)
    assert done == [2, 4, 6]


@pytest.mark.django_db
def test_many_failures_are_counted_and_the_first_five_named() -> None:
    with pytest.raises(NotAll, match=r"^9 of 9 failed\. 1: .*; 9: .*; and 4 more$"):
        each(range(1, 18, 2), halved)


@pytest.mark.django_db
def test_a_statement_that_the_database_refuses_is_the_things_own_failure(cast: object) -> None:
    slugs = list(Tenant.objects.order_by("slug").values_list("slug", flat=True))

    def taken(slug: str) -> int:
        with transaction.atomic():
            return Tenant.objects.filter(slug=slugs[0]).update(slug=slug)

    with pytest.raises(NotAll, match=f"1 of 2 failed. {slugs[1]}: "):
        each([slugs[1], "its-own"], taken)
    assert Tenant.objects.filter(slug="its-own").exists()


@pytest.mark.django_db
def test_a_lost_claim_ends_it_at_once() -> None:
    tried: list[int] = []

    def lost(number: int) -> None:
        tried.append(number)
        raise ClaimLost("taken over")

    with pytest.raises(ClaimLost):
        each([1, 2], lost)
    assert tried == [1]


@pytest.mark.django_db
def test_the_job_fails_with_the_sentence_that_its_page_shows(declare: Declare) -> None:
    name = declare(lambda _: each([2, 3], halved))
    job = enqueue(name)
    worker.work(job.pk)
    job.refresh_from_db()
    assert (job.state, job.failures) == (Job.State.PENDING, 1)
    assert job.error.startswith("1 of 2 failed. 3: ValueError: 3 is odd")
