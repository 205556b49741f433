"""How AWS answers is kept by every process that calls, and shown where the account is."""

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from django.db.models import F
from django.test import Client
from django.urls import reverse

from governance.models import User
from hub.actions import accounts, catalogue, service_health
from hub.models import AwsAccount, BreakerReport, ModelOffer, ServiceHealth
from portal.aws import breaker, sandbox
from portal.aws.errors import Throttled, Unavailable
from portal.jobs.closing import close
from portal.jobs.models import SyncRun
from tests.hub.conftest import DEV, PROD

REGION = "eu-central-1"

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def no_faults_left(sandbox_url: str) -> Iterator[None]:
    yield
    sandbox.clear_faults()


def fault(kind: str, operation: str = "*", account: str = PROD, rate: float = 1) -> None:
    sandbox.set_fault(account=account, operation=operation, kind=kind, rate=rate, seed=5)


def hits() -> int:
    return sum(one.hits for one in sandbox.faults().faults)


def run(scope: str) -> SyncRun:
    return SyncRun.objects.filter(kind="catalogue", scope=scope).latest("pk")


def away(number: str = PROD, times: int = breaker.FAILURES) -> None:
    """What a process meets in which a service of an account is away."""
    one = breaker.of(number, REGION, "bedrock")
    for _ in range(times):
        one.failed(Unavailable("AWS could not be reached for bedrock ListGuardrails."), one.admit())


def answers(number: str = PROD) -> None:
    """What a process meets in which it answers."""
    one = breaker.of(number, REGION, "bedrock")
    one.succeeded(one.admit())


def another_process() -> None:
    """One begins with every breaker closed."""
    breaker.forget()


def passes(time: timedelta) -> None:
    """What was told is older by that much."""
    ServiceHealth.objects.update(expires_at=F("expires_at") - time)
    BreakerReport.objects.update(expires_at=F("expires_at") - time, rests_until=F("rests_until") - time)


def shown() -> str:
    """The state that the pages show."""
    return ServiceHealth.objects.get().state_now.value


def test_what_a_process_met_is_kept_once() -> None:
    away(times=breaker.FAILURES - 1)
    assert service_health.note() == 1
    assert service_health.note() == 0
    row = ServiceHealth.objects.get()
    assert (row.account_number, row.region, row.service, row.state) == (PROD, REGION, "bedrock", "closed")
    assert (row.calls, row.failures, row.throttled) == (4, 4, 0)
    assert row.error == "AWS could not be reached for bedrock ListGuardrails."


def test_the_calls_of_all_processes_add_up() -> None:
    away()
    service_health.note(process="one")
    another_process()
    one = breaker.of(PROD, REGION, "bedrock")
    one.failed(Throttled("Rate exceeded"), one.admit())
    answers()
    service_health.note(process="two")
    row = ServiceHealth.objects.get()
    assert (row.calls, row.failures, row.throttled, row.error) == (7, 6, 1, "Rate exceeded")


def test_a_process_that_is_well_does_not_speak_for_one_that_leaves_the_service_alone() -> None:
    away()
    service_health.note(process="one")
    opened = ServiceHealth.objects.get().since
    another_process()
    answers()
    service_health.note(process="two")
    assert shown() == "open"
    assert ServiceHealth.objects.get().since == opened


def test_a_process_that_reached_aws_speaks_for_those_whose_rest_is_over() -> None:
    away()
    service_health.note(process="one")
    another_process()
    passes(breaker.REST + timedelta(seconds=1))
    answers()
    service_health.note(process="two")
    assert shown() == "closed"
    assert not BreakerReport.objects.exists()


def test_a_process_that_only_failed_clears_nobody() -> None:
    away()
    service_health.note(process="one")
    another_process()
    passes(breaker.REST + timedelta(seconds=1))
    away(times=1)
    service_health.note(process="two")
    assert shown() == "open"


def test_the_worst_that_a_living_process_tells_is_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(breaker, "REST", timedelta(0))
    away()
    breaker.of(PROD, REGION, "bedrock").admit()  # tries whether it is back
    service_health.note(process="one")
    assert shown() == "probing"
    another_process()
    away()
    service_health.note(process="two")
    assert shown() == "open"


def test_a_process_that_is_gone_leaves_nothing_open() -> None:
    away()
    service_health.note(process="recycled")
    passes(service_health.REPORT_LASTS + timedelta(seconds=1))
    assert shown() == "closed"
    assert not ServiceHealth.objects.filter(ServiceHealth.left_alone()).exists()


def test_a_process_that_makes_no_calls_tells_on_that_its_breaker_is_open() -> None:
    away()
    service_health.note(process="one")
    passes(service_health.REPORT_LASTS - timedelta(minutes=1))
    assert service_health.note(process="one") == 1
    passes(timedelta(minutes=2))
    assert shown() == "open"
    assert ServiceHealth.objects.get().calls == breaker.FAILURES


def test_another_region_stands_by_itself() -> None:
    away()
    other = breaker.of(PROD, "eu-west-1", "bedrock")
    other.succeeded(other.admit())
    service_health.note()
    assert [(row.region, row.state) for row in ServiceHealth.objects.all()] == [
        ("eu-central-1", "open"), ("eu-west-1", "closed"),
    ]  # fmt: skip


def test_every_job_keeps_what_it_met() -> None:
    away()
    close()
    assert ServiceHealth.objects.get().state == "open"


def test_a_test_of_the_connection_keeps_what_it_met(prod_account: AwsAccount, platform_person: User) -> None:
    accounts.test(account=prod_account, by=platform_person)
    kept = ServiceHealth.objects.filter(account_number=PROD, service="bedrock")
    assert [(row.region, row.state, row.calls, row.failures) for row in kept] == [
        ("eu-central-1", "closed", 2, 0), ("eu-west-1", "closed", 2, 0),
    ]  # fmt: skip


def test_the_pages_say_which_service_is_left_alone_since_when_and_why(
    prod_account: AwsAccount, platform_person: User, client: Client
) -> None:
    away()
    service_health.note()
    client.force_login(platform_person)
    listed = client.get(reverse("hub:account-list")).content.decode()
    assert "AWS fails in 1 account" in listed
    assert "left alone" in listed
    page = client.get(reverse("hub:account-detail", args=[prod_account.uid])).content.decode()
    assert "left alone" in page
    assert "AWS could not be reached for bedrock ListGuardrails." in page


def test_the_list_says_when_atrium_itself_cannot_assume_a_role(platform_person: User, client: Client) -> None:
    one = breaker.of("", REGION, "sts")
    for _ in range(breaker.FAILURES):
        one.failed(Unavailable("AWS could not be reached for sts AssumeRole."), one.admit())
    service_health.note()
    client.force_login(platform_person)
    assert "Atrium cannot enter any account" in client.get(reverse("hub:account-list")).content.decode()


def test_a_sync_that_is_throttled_now_and_then_ends_well(prod_account: AwsAccount) -> None:
    fault("throttling", "bedrock:*", rate=0.2)
    catalogue.sync_account(prod_account)
    assert hits() > 5, "nothing was throttled"
    assert run(PROD).state == SyncRun.State.DONE
    assert {offer.region_availability for offer in ModelOffer.objects.all()} == {"AVAILABLE"}


def test_an_operation_that_is_denied_is_told_in_a_sentence_and_other_accounts_are_unaffected(
    connect: Callable[..., AwsAccount],
) -> None:
    denied, other = connect(PROD), connect(DEV)
    fault("access-denied", "bedrock:ListGuardrails")
    catalogue.sync_account(denied)
    catalogue.sync_account(other)
    assert hits() == 2
    assert run(PROD).state == SyncRun.State.PARTIAL
    sentence = "AWS refused bedrock ListGuardrails: User is not authorized to perform: bedrock:ListGuardrails"
    assert sentence in run(PROD).error
    assert ModelOffer.objects.filter(account=denied).exists()
    assert run(DEV).state == SyncRun.State.DONE
    denied.refresh_from_db()
    assert denied.state == AwsAccount.State.CONNECTED


def test_a_session_that_is_over_is_begun_anew_by_the_next_sync(prod_account: AwsAccount) -> None:
    fault("expired-token", "bedrock:*")
    catalogue.sync_account(prod_account)
    assert hits() > 0
    assert run(PROD).state == SyncRun.State.FAILED  # it could not read a single region
    sandbox.clear_faults()
    catalogue.sync_account(prod_account)
    assert run(PROD).state == SyncRun.State.DONE


def test_half_pages_lose_nothing_of_the_catalogue(prod_account: AwsAccount) -> None:
    fault("half-pages")
    catalogue.sync_account(prod_account)
    assert hits() > 0
    cut = ModelOffer.objects.count(), prod_account.found_regions.count()
    sandbox.clear_faults()
    assert sum(one.rows for one in catalogue.sync_account(prod_account)) == 0
    assert (ModelOffer.objects.count(), prod_account.found_regions.count()) == cut
