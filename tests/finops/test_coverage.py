"""While history is known to be missing, no page states a finding from the figures that are there."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from finops.actions import log_sync
from finops.models import CubeDay
from finops.reports import coverage
from finops.reports.ages import KIND, KIND_OF_COPIES, UNFINISHED, WHOLE_TASK
from governance.models import User
from hub.models import AccountRegion, AwsAccount
from portal.jobs.models import Job, SyncRun
from portal.jobs.outbox import enqueue
from portal.jobs.syncs import running
from portal.lib import clock
from tests.cast import Cast
from tests.finops.conftest import DAY, Use
from tests.finops.test_pages import NOW, page, spend  # noqa: F401  (a fixture)

FINDINGS = ("over budget", "under budget", "on its budget", "keeps within", "on course", "moved most")


@pytest.fixture
def place(db: None) -> AccountRegion:
    """A region that logs, and whose logs nobody read yet."""
    account = AwsAccount.objects.create(
        number="447100000212", name="Production", role_arn="arn:aws:iam::447100000212:role/atrium", external_id="x"
    )
    return AccountRegion.objects.create(account=account, region="eu-central-1", logging_bucket="logs")


def read_to_its_end(place: AccountRegion) -> None:
    with running(KIND, scope=place.scope):
        pass


def first_pass_runs(place: AccountRegion) -> None:
    SyncRun.objects.create(kind=KIND, scope=place.scope)


def first_pass_was_cut_off(place: AccountRegion) -> None:
    with running(KIND, scope=place.scope) as run:
        run.partial("3 of 9 objects could not be read; they are tried again.")


def last_pass_left_the_rest(place: AccountRegion) -> None:
    read_to_its_end(place)
    with running(KIND, scope=place.scope) as run:
        run.partial(UNFINISHED)
    first_pass_runs(place)  # the next one has only begun to list


def whole_bucket_is_to_be_listed(place: AccountRegion) -> None:
    read_to_its_end(place)
    enqueue(WHOLE_TASK, place.pk)


def whole_bucket_is_being_listed(place: AccountRegion) -> None:
    whole_bucket_is_to_be_listed(place)
    Job.objects.update(state=Job.State.CLAIMED)


def many_objects_are_left(place: AccountRegion) -> None:
    read_to_its_end(place)
    SyncRun.objects.create(kind=KIND, scope=place.scope, done=40, total=400)


def many_days_wait_for_their_costs(place: AccountRegion) -> None:
    read_to_its_end(place)
    CubeDay.objects.bulk_create(CubeDay(day=(DAY - timedelta(days=n)).date()) for n in range(1, 6))


BEHIND = (
    first_pass_runs,
    first_pass_was_cut_off,
    last_pass_left_the_rest,
    whole_bucket_is_to_be_listed,
    whole_bucket_is_being_listed,
    many_objects_are_left,
    many_days_wait_for_their_costs,
)


@pytest.mark.parametrize("make", BEHIND)
def test_figures_are_not_whole_while(place: AccountRegion, make: Callable[[AccountRegion], None]) -> None:
    make(place)
    assert coverage.reading() is not None


def failing(place: AccountRegion) -> None:
    read_to_its_end(place)
    SyncRun.objects.create(kind=KIND, scope=place.scope, state=SyncRun.State.FAILED)


def never_reachable(place: AccountRegion) -> None:
    SyncRun.objects.create(kind=KIND, scope=place.scope, state=SyncRun.State.FAILED)


def usual_look(place: AccountRegion) -> None:
    read_to_its_end(place)
    enqueue(log_sync.REGION_TASK, place.pk)
    SyncRun.objects.create(kind=KIND, scope=place.scope, done=1, total=12)
    CubeDay.objects.create(day=DAY.date())


@pytest.mark.parametrize("make", [read_to_its_end, failing, never_reachable, usual_look])
def test_a_usual_look_or_an_outage_makes_no_figure_doubtful(
    place: AccountRegion, make: Callable[[AccountRegion], None]
) -> None:
    make(place)
    assert coverage.reading() is None


def test_it_says_how_many_objects_of_how_many(place: AccountRegion) -> None:
    many_objects_are_left(place)
    reading = coverage.reading()
    assert reading is not None
    assert reading.words == "History is being read: 0 of 360 objects"
    many_days_wait_for_their_costs(place)
    SyncRun.objects.update(state=SyncRun.State.DONE)
    reading = coverage.reading()
    assert reading is not None
    assert reading.words == "Costs are being built: 5 days to go"


@pytest.mark.parametrize("name", ["home", "costs:index"])
@pytest.mark.parametrize("who", ["executive", "finops_person", "owner_insurance"])
def test_no_title_states_a_finding_meanwhile(
    client: Client,
    cast: Cast,
    spend: None,  # noqa: F811
    place: AccountRegion,
    name: str,
    who: str,
) -> None:
    read_to_its_end(place)
    whole = page(client, getattr(cast, who), name)
    assert any(finding in whole for finding in FINDINGS), "or this test could not fail"
    enqueue(WHOLE_TASK, place.pk)
    text = page(client, getattr(cast, who), name)
    assert "History is being read" in text
    assert not any(finding in text for finding in FINDINGS)


@pytest.mark.parametrize(
    "name", ["costs:index", "costs:rows", "costs:budget-list", "costs:unattributed", "costs:meters"]
)
def test_every_page_of_figures_says_that_they_grow(
    client: Client,
    cast: Cast,
    spend: None,  # noqa: F811
    place: AccountRegion,
    name: str,
) -> None:
    whole_bucket_is_to_be_listed(place)
    assert "History is being read" in page(client, cast.finops_person, name)


def test_a_panel_and_a_budget_say_so_too(
    client: Client,
    cast: Cast,
    spend: None,  # noqa: F811
    place: AccountRegion,
) -> None:
    whole_bucket_is_to_be_listed(place)
    budget = cast.insurance.budgets.get()
    for name, uid in (
        ("costs:use-case-panel", cast.call_summary.uid),
        ("costs:tenant-panel", cast.insurance.uid),
        ("costs:budget-detail", budget.uid),
    ):
        assert "History is being read" in page(client, cast.executive, name, uid)


def test_older_logs_that_are_still_being_copied_in_count_as_missing(place: AccountRegion) -> None:
    read_to_its_end(place)
    with running(KIND_OF_COPIES, scope="the company") as run:
        SyncRun.objects.filter(pk=run.record.pk).update(done=100, total=4_000)
        reading = coverage.reading()
        assert reading is not None
        assert reading.words == "History is being read: 0 of 3,900 objects"
    assert coverage.reading() is None


def test_a_copy_that_was_cut_off_leaves_them_missing_until_another_one_ends(place: AccountRegion) -> None:
    read_to_its_end(place)
    SyncRun.objects.create(kind=KIND_OF_COPIES, scope="the company", state=SyncRun.State.FAILED)
    SyncRun.objects.create(kind=KIND_OF_COPIES, scope="the company", done=100, total=4_000)  # its process was killed
    assert coverage.reading() is not None
    with running(KIND_OF_COPIES, scope="the company"):
        assert coverage.reading() is not None
    assert coverage.reading() is None


def opened(client: Client, user: User, name: str) -> str:
    client.force_login(user)
    with clock.set_to(NOW):
        return client.get(reverse(name)).content.decode()


def test_who_sees_no_costs_is_not_asked_to_wait_for_them(client: Client, cast: Cast, place: AccountRegion) -> None:
    whole_bucket_is_to_be_listed(place)
    assert "History is being read" not in opened(client, cast.legal, "home")


def test_one_request_without_a_price_is_one_and_is_named_the_same_everywhere(
    client: Client, cast: Cast, use: Use
) -> None:
    from finops.actions import cube

    use(DAY, input=5, model_id="", model_ref="imported-model/m4rk3t1ng")
    cube.build_marked()
    overview = page(client, cast.executive, "costs:index")
    assert "1 request went to imported-model/m4rk3t1ng, for which no price is known. Its cost is unknown" in overview
    meters = page(client, cast.executive, "costs:meters")
    assert "Every request has a price" not in meters
    assert meters.count("imported-model/m4rk3t1ng") == 2  # nobody knows it, and it has no price
    assert "1 request has no known price: its cost" in page(client, cast.executive, "costs:rows")
